"""Structured logs: for people on a terminal, as JSON for machines, and never a secret."""

import logging
import sys
from collections.abc import MutableMapping
from contextvars import ContextVar
from functools import lru_cache
from typing import Any

import orjson
import structlog

from crossdock.clock import Clock
from crossdock.config.settings import LogSettings

REQUEST_ID: ContextVar[str | None] = ContextVar("request_id", default=None)
"""The request on whose behalf this task works: every line that is logged meanwhile has it."""

CLOCK = Clock()
SECRET_NAMES = ("password", "secret", "token", "authorization", "dsn", "url")


def configure(settings: LogSettings, *, tracing: bool = False) -> None:
    """Once, at the entry point."""
    console = settings.format == "console"
    structlog.configure(
        processors=[
            add_request_id,
            *([add_trace_id] if tracing else []),
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="%H:%M:%S", utc=False) if console else add_time,
            hide_secrets,
            *(
                # The plain traceback: the pretty one prints local variables, passwords among them.
                [
                    structlog.dev.ConsoleRenderer(
                        colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
                    )
                ]
                if console
                else [structlog.processors.format_exc_info, to_json]
            ),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, settings.level.upper())),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr)
        if console
        else structlog.BytesLoggerFactory(sys.stderr.buffer),
        cache_logger_on_first_use=True,
    )


def add_request_id(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Where there is one."""
    request_id = REQUEST_ID.get()
    if request_id is not None:
        event["request_id"] = request_id
    return event


def add_trace_id(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Where there is one: of the span that is current, as OpenTelemetry writes it."""
    from opentelemetry import trace  # not above: with tracing off, it need not be installed

    context = trace.get_current_span().get_span_context()
    if context.is_valid:
        event["trace_id"] = trace.format_trace_id(context.trace_id)
    return event


def add_time(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """In UTC. orjson writes it, for less than a text of Python's costs."""
    event["timestamp"] = CLOCK.now()
    return event


def to_json(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> bytes:
    """A value that JSON has no type for is logged as text."""
    return orjson.dumps(event, str, orjson.OPT_UTC_Z)


def hide_secrets(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A value whose name says that it is secret is not printed, whoever logged it."""
    for name in event:
        if _is_secret(name):
            event[name] = "(hidden)"
    return event


@lru_cache(maxsize=1024)
def _is_secret(name: str) -> bool:
    return any(word in name.lower() for word in SECRET_NAMES)
