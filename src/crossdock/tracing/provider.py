"""Tracing with OpenTelemetry: where a process sends its spans, and which of its pools have spans for their statements.

Off, nothing of it is imported but OpenTelemetry's API, which FastAPI brings along.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from crossdock.extras import need_extra
from crossdock.pools import Pool

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider

SERVICE = "crossdock"


def provider_of_environment() -> "TracerProvider":
    """Sends over OTLP, in batches, as the standard `OTEL_*` variables say. Raises ConfigurationError."""
    need_extra("tracing", "CROSSDOCK_TRACING")
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter  # not above: it is an extra
    from opentelemetry.sdk.resources import SERVICE_NAME, OTELResourceDetector, Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    named = {SERVICE_NAME: SERVICE} | dict(OTELResourceDetector().detect().attributes)
    provider = TracerProvider(resource=Resource.create(named), shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return provider


@asynccontextmanager
async def tracing(provider: "TracerProvider | None", pools: Sequence[Pool]) -> AsyncIterator[None]:
    """Enter it before the pools are opened. What has not been sent by the end is sent then."""
    if provider is None:
        yield
        return
    from crossdock.tracing.connection import traced  # it brings PostgreSQL's parser

    for pool in pools:
        pool.connection_class = traced(provider, pool.name, pool.address)
    try:
        yield
    finally:
        await asyncio.to_thread(provider.shutdown)
