"""A request is a span that names its route, and every statement sent for it hangs on that span."""

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind, StatusCode

from crossdock.config.settings import Settings
from freight.app import create_app
from tests.world import World, ok

TRACE = "0af7651916cd43dd8448eb211c80319c"
CALLER = "b7ad6b7169203331"


class TracedWorld(World):
    """The app with tracing on, and what it told."""

    exporter: InMemorySpanExporter

    def told(self) -> tuple[ReadableSpan, list[ReadableSpan]]:
        """The one request since the last call, and its statements."""
        spans = self.exporter.get_finished_spans()
        self.exporter.clear()
        (request,) = [span for span in spans if span.kind is SpanKind.SERVER]
        statements = [span for span in spans if span.kind is SpanKind.CLIENT]
        for statement in statements:  # jobs may run meanwhile: theirs have no parent
            assert statement.parent is None or statement.parent.span_id == request.context.span_id
        return request, [statement for statement in statements if statement.parent]


@pytest.fixture(scope="module")
async def traced_world(settings: Settings) -> AsyncIterator[TracedWorld]:
    provider, exporter = TracerProvider(shutdown_on_exit=False), InMemorySpanExporter()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    app = create_app(settings.model_copy(update={"tracing": True}), tracer_provider=provider)
    async with app.router.lifespan_context(app):
        world = TracedWorld(app)
        world.exporter = exporter
        yield world


def values(span: ReadableSpan) -> dict[str, Any]:
    return dict(span.attributes or {})


async def test_a_request_names_its_route_and_has_its_statements(traced_world: TracedWorld) -> None:
    """By the template of its path, under the trace that the caller began."""
    shipper = await traced_world.shipper()
    booking = await traced_world.draft(shipper)
    traced_world.exporter.clear()
    headers = {"traceparent": f"00-{TRACE}-{CALLER}-01"}
    ok(await shipper.http.get(f"/v1/bookings/{booking['id']}", headers=headers))
    request, statements = traced_world.told()
    assert request.name == "GET /v1/bookings/{booking_id}"
    assert f"{request.context.trace_id:032x}" == TRACE
    assert request.parent is not None
    assert f"{request.parent.span_id:016x}" == CALLER
    assert values(request)["http.route"] == "/v1/bookings/{booking_id}"
    assert values(request)["http.response.status_code"] == 200
    assert any("bookings" in span.name for span in statements)
    told = " ".join(span.to_json() for span in statements)
    for value in (booking["id"], shipper.company_id, shipper.user_id):
        assert value not in told


async def test_the_two_orms_and_a_document_are_in_one_trace(traced_world: TracedWorld) -> None:
    """An award moves a bid (Tortoise), and a booking and money (SQLAlchemy); then the booking is read with its bids."""
    shipper, carrier = await traced_world.shipper(), await traced_world.carrier()
    booking = await traced_world.open_booking(shipper)
    bid = await traced_world.bid(carrier, booking)
    traced_world.exporter.clear()
    ok(await shipper.http.post(f"/v1/bids/{bid['id']}/award"))
    request, statements = traced_world.told()
    assert request.name == "POST /v1/bids/{bid_id}/award"
    names = {span.name for span in statements}
    assert {"BEGIN", "UPDATE bids", "COMMIT"} <= names
    assert any({"booking_history", "outbox"} <= set(name.split()) for name in names)
    assert any("INSERT ledger_transfers" in name for name in names)
    ok(await shipper.http.get(f"/v1/bookings/{booking['id']}/overview"))
    request, statements = traced_world.told()
    assert request.name == "GET /v1/bookings/{booking_id}/overview"
    assert any({"bids", "companies", "bookings"} <= set(span.name.split()) for span in statements)


@pytest.mark.parametrize(
    ("method", "path", "status", "name"),
    [
        ("GET", f"/v1/bookings/{UUID(int=7)}", 404, "GET /v1/bookings/{booking_id}"),
        ("GET", "/v1/bookings/none", 422, "GET /v1/bookings/{booking_id}"),
        ("POST", "/v1/bookings", 422, "POST /v1/bookings"),
        ("DELETE", "/v1/bookings", 405, "DELETE /v1/bookings"),
        ("GET", "/v1/nothing", 404, "GET"),
        ("GET", "/healthz", 200, "GET /healthz"),
    ],
)
async def test_a_refusal_is_no_error_of_the_service(
    traced_world: TracedWorld, method: str, path: str, status: int, name: str
) -> None:
    """The route is known where there is one; what has none is named by its method, not by a path that anybody sends."""
    shipper = await traced_world.register("shipper")
    traced_world.exporter.clear()
    assert (await shipper.http.request(method, path)).status_code == status
    request, _ = traced_world.told()
    assert request.name == name
    assert values(request)["http.response.status_code"] == status
    assert request.status.status_code is StatusCode.UNSET


async def test_a_fault_of_the_service_is_an_error(traced_world: TracedWorld, monkeypatch: pytest.MonkeyPatch) -> None:
    """An answer of 500, under the name of its route."""
    shipper = await traced_world.register("shipper")
    traced_world.exporter.clear()
    assert traced_world.app is not None
    monkeypatch.setattr(traced_world.app.state.database, "reading", lambda scope, contract: 1 / 0)
    assert (await shipper.http.get(f"/v1/bookings/{UUID(int=7)}")).status_code == 500
    monkeypatch.undo()
    request, _ = traced_world.told()
    assert request.name == "GET /v1/bookings/{booking_id}"
    assert request.status.status_code is StatusCode.ERROR
    assert values(request)["error.type"] == "500"


async def test_off_no_request_is_told(world: World) -> None:
    """And FastAPI does not look for a provider: it is told that there is none."""
    app: Any = world.app
    assert not app._native_telemetry.enabled()
    assert not app._telemetry["auto_configure"]
