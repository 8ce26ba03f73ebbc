"""Every route answers the same through Dispatch as through FastAPI's own routing, whatever a client sends."""

import re
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from fastapi.routing import iter_route_contexts
from structlog.testing import CapturingLogger

from crossdock.config.settings import Settings
from crossdock.ids import new_id
from crossdock.web.dispatch import Dispatch
from freight.app import create_app
from tests.modules.accounts import newcomer
from tests.modules.operators import operator
from tests.requests import ids_of_all
from tests.web.odd import BODIES, HEADERS, PATHS, QUERIES, TYPES
from tests.world import Person, World, load, money, ok, unique

VARYING = re.compile(r"[0-9a-f]{8}-[0-9a-f-]{27}|\d{4}-\d\d-\d\dT[\d:.]+(?:Z|\+00:00)")
"""Ids and times, which two answers that are the same may differ in."""

Ask = tuple[str, str, dict[str, Any]]
"""A method, a path with its query, and what httpx takes besides."""


@dataclass(frozen=True, slots=True)
class Both:
    """Two apps on one database: as it is, and without Dispatch."""

    dispatched: World
    plain: World
    person: Person
    operator: Person
    there: dict[str, str]
    """What is there for each variable of a path."""

    @property
    def token(self) -> str:
        return self.person.http.headers["Authorization"]

    def token_for(self, url: str) -> str:
        """Of somebody whom the route is for."""
        return self.operator.http.headers["Authorization"] if "/v1/operations" in url else self.token

    def routes(self) -> Iterator[tuple[str, str]]:
        assert self.plain.app is not None
        for route in iter_route_contexts(self.plain.app.routes):
            if str(route.path_format).startswith("/v1"):
                yield from ((method, str(route.path_format)) for method in sorted(route.methods or ()))

    async def ask(self, ask: Ask, root_path: str = "") -> list[httpx.Response]:
        method, url, rest = ask
        rest = {"headers": {"Authorization": self.token_for(url)}} | rest
        answers = []
        for world in (self.dispatched, self.plain):
            assert world.app is not None
            transport = httpx.ASGITransport(world.app, raise_app_exceptions=False, root_path=root_path)
            async with httpx.AsyncClient(transport=transport, base_url="http://test") as http:
                answers.append(await http.request(method, url, **rest))
        return answers


@pytest.fixture(scope="module")
async def both(settings: Settings) -> AsyncIterator[Both]:
    async with AsyncExitStack() as stack:
        dispatched = await stack.enter_async_context(World.open(settings))
        app = create_app(settings)
        app.user_middleware = [each for each in app.user_middleware if each.cls is not Dispatch]
        await stack.enter_async_context(app.router.lifespan_context(app))
        yield await deal(dispatched, World(app))


async def deal(dispatched: World, plain: World) -> Both:
    """A shipper with something in every table that a path leads to, and an operator."""
    person, carrier = await dispatched.shipper(), await dispatched.carrier()
    _, bid = await dispatched.awarded(person, carrier)
    ok(await carrier.http.post(f"/v1/bids/{bid['id']}/accept"))
    ok(await person.http.post("/v1/teams", json={"name": unique("Team")}), 201)
    assert dispatched.app is not None
    olga = await operator(dispatched, dispatched.app.state.database)
    ids = await ids_of_all(dispatched.app.openapi(), person.http, olga.http)
    there = {name: first for name, (first, *_) in ids.items()}
    return Both(dispatched, plain, person, olga, there)


def told(response: httpx.Response) -> tuple[Any, ...]:
    """All of an answer but the request's id."""
    headers = sorted((name, value) for name, value in response.headers.multi_items() if name != "x-request-id")
    try:
        body = response.json()
    except ValueError:
        body = response.content
    if isinstance(body, dict):
        body.pop("request_id", None)
    return response.status_code, headers, body


async def alike(both: Both, asks: list[Ask], root_path: str = "") -> set[int]:
    """The statuses, after a check that each is answered in the same way."""
    statuses, before = set(), [counted(world) for world in (both.dispatched, both.plain)]
    for ask in asks:
        one, other = await both.ask(ask, root_path)
        assert told(one) == told(other), ask
        assert "x-request-id" in one.headers
        statuses.add(one.status_code)
    one_count, other_count = (
        counted(world) - was for world, was in zip((both.dispatched, both.plain), before, strict=True)
    )
    assert one_count == other_count
    assert one_count.total() == len(asks)
    return statuses


def counted(world: World) -> Counter[tuple[str, ...]]:
    """The metrics of requests, by method, route and status."""
    assert world.app is not None
    samples = (sample for metric in world.app.state.metrics.registry.collect() for sample in metric.samples)
    found = (each for each in samples if each.name == "crossdock_requests_total")
    return Counter({tuple(sorted(each.labels.items())): int(each.value) for each in found})  # type: ignore[misc]


def filled(path: str, values: dict[str, str] | str) -> str:
    return re.sub(r"\{(\w+)\}", lambda found: values if isinstance(values, str) else values[found[1]], path)


async def test_every_get_is_answered_alike(both: Both) -> None:
    """What is there, what is not there and what is no id, byte for byte."""
    gets = [path for method, path in both.routes() if method == "GET"]
    there = [("GET", filled(path, both.there), {}) for path in gets]
    assert await alike(both, there) == {200}
    for method, url, rest in there:
        one, other = await both.ask((method, url, rest))
        assert one.content == other.content
    elsewhere = [
        ("GET", filled(path, value), {}) for path in gets for value in (str(new_id()), "x", "%20", "%00", "a%2Fb")
    ]
    assert await alike(both, elsewhere) == {200, 404, 422}


async def test_odd_paths_are_answered_alike(both: Both) -> None:
    """Slashes too many, encoded ones, dots, a line's end, upper case, encoded letters, and what is no route at all."""
    paths = {filled(path, both.there) for _, path in both.routes()}
    odd = [form.format(path) for path in sorted(paths) for form in PATHS]
    odd += [path.upper() for path in paths] + [path.replace("/v1/", "/%76%31/") for path in paths]
    odd += [path.replace("/v1/", "/v1//") for path in paths] + ["/", "//", "", "/v1", "/v1/", "/v1/nothing", "/docs/x"]
    assert await alike(both, [("GET", path, {}) for path in odd]) >= {200, 307, 404, 405, 422}


async def test_odd_methods_are_answered_alike(both: Both) -> None:
    """Every path by every method that it has not got, with Allow where it is told; HEAD is there where GET is."""
    asked = [
        (method, path)
        for path in sorted({path for _, path in both.routes()})
        for method in ("HEAD", "OPTIONS", "TRACE", "FOO", "GET", "PUT", "POST", "PATCH", "DELETE")
        if (method, path) not in set(both.routes())
    ]
    gets = {path for method, path in both.routes() if method == "GET"}
    heads: list[Ask] = [("HEAD", filled(path, both.there), {}) for path in sorted(gets)]
    others: list[Ask] = [
        (method, filled(path, both.there), {}) for method, path in asked if method != "HEAD" or path not in gets
    ]
    assert await alike(both, heads) == {200}
    assert await alike(both, others) == {405}


async def test_odd_queries_are_answered_alike(both: Both) -> None:
    """Missing, empty, repeated, of the wrong type, encoded oddly, all wrong at once."""
    lists = [path for method, path in both.routes() if method == "GET"]
    asks: list[Ask] = [("GET", f"{filled(path, both.there)}?{query}", {}) for path in lists for query in QUERIES]
    assert await alike(both, asks) == {200, 422}


async def test_odd_headers_are_answered_alike(both: Both) -> None:
    """Of whoever calls, of a version and of a key: none, empty, twice, too long, not ASCII, in other cases."""
    good = both.token.removeprefix("Bearer ")
    tokens = [
        "",
        "Bearer",
        "Bearer ",
        f"bearer {good}",
        f"BEARER  {good}",
        f"Basic {good}",
        good,
        f"Bearer {good}x",
        "Bearer \xff",
    ]
    callers: list[Any] = [{}, *({"Authorization": token.encode("latin-1")} for token in tokens)]
    callers += [
        [("Authorization", both.token), ("Authorization", "Bearer x")],
        [("Authorization", "Bearer x"), ("Authorization", both.token)],
    ]
    asks: list[Ask] = []
    for method, path in both.routes():
        url = filled(path, str(new_id()))
        body = {} if method in ("GET", "DELETE") else {"json": {}}
        asks += [(method, url, body | {"headers": caller}) for caller in callers if "logout" not in url]
        for name, values in HEADERS.items():
            for value in values:
                asks.append(
                    (
                        method,
                        url,
                        body
                        | {
                            "headers": [
                                ("Authorization", both.token),
                                *((name, each.encode("latin-1")) for each in value),
                            ]
                        },
                    )
                )
    asks = [ask for ask in asks if "logout" not in ask[1]]
    assert await alike(both, asks) >= {401, 404, 422}


async def test_odd_bodies_are_answered_alike(both: Both) -> None:
    """None, not JSON, JSON of another shape, in another encoding, endless, too large: as whatever Content-Type."""
    writes = [(method, path) for method, path in both.routes() if method != "GET" and "logout" not in path]
    asks: list[Ask] = []
    for method, path in writes:
        url, bearer = filled(path, str(new_id())), {"Authorization": both.token, "If-Match": "*"}
        json = bearer | {"Content-Type": "application/json"}
        asks += [(method, url, {"content": body, "headers": json}) for body in BODIES]
        for kind in TYPES:
            headers = bearer if kind is None else bearer | {"Content-Type": kind.encode("latin-1")}  # type: ignore[dict-item]
            asks.append((method, url, {"content": b'{"a": 1}', "headers": headers}))
        asks.append(
            (
                method,
                url,
                {
                    "content": b"{}",
                    "headers": [*bearer.items(), ("Content-Type", "text/plain"), ("Content-Type", "application/json")],
                },
            )
        )
    assert await alike(both, asks) == {400, 404, 413, 415, 422}


async def test_below_a_root_path_all_is_answered_alike(both: Both) -> None:
    """Behind a proxy that serves the app below a path, which it sends along, or takes away."""
    urls = [
        f"{prefix}{filled(path, both.there)}"
        for _, path in both.routes()
        for prefix in ("", "/api", "/api/api", "/apix")
    ]
    urls += ["/api", "/api/", "/api/healthz", "/", "/docs", "/api/docs", "/openapi.json", "/readyz", "/redoc"]
    assert await alike(both, [("GET", url, {}) for url in urls], root_path="/api") >= {200, 307, 404, 405}


async def test_writes_are_answered_alike(both: Both) -> None:
    """Good ones, done once by each app: all but ids and times is the same."""
    draft = await both.dispatched.draft(both.person)
    bookings: list[Ask] = [
        ("POST", "/v1/bookings", {"json": load()}),
        ("POST", "/v1/ledger/deposits", {"json": {"amount": money(5)}}),
        (
            "PATCH",
            f"/v1/bookings/{draft['id']}",
            {"json": {}, "headers": {"Authorization": both.token, "If-Match": "*"}},
        ),
        ("PUT", f"/v1/teams/{both.there['team_id']}/members/{both.person.user_id}", {}),
        ("POST", f"/v1/bookings/{both.there['booking_id']}/cancel", {}),
    ]
    for ask in bookings:
        one, other = (VARYING.sub("?", repr(told(answer))) for answer in await both.ask(ask))
        assert one == other


async def test_a_key_is_the_same_on_both_ways(both: Both) -> None:
    """What was done through the one is answered again through the other, and not done again."""
    for path, body in (("/v1/bookings", load()), ("/v1/users", newcomer()), ("/v1/teams", {"name": unique("Team")})):
        headers = {"Authorization": both.token, "Idempotency-Key": str(new_id())}
        one, other = await both.ask(("POST", path, {"json": body, "headers": headers}))
        assert (one.status_code, one.content) == (201, other.content), one.text


async def test_each_request_has_one_line_in_the_log(both: Both, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same one: method, route and status; nothing else is told where a client is at fault."""
    lines = CapturingLogger()
    monkeypatch.setattr("crossdock.web.middleware.log", lines)
    asks = [
        (method, filled(path, value), {})
        for method, path in both.routes()
        for value in (str(new_id()), "x")
        if "logout" not in path
    ]
    for ask in asks:
        await both.ask(ask)
    told = [(call.method_name, call.args, {**call.kwargs, "ms": None}) for call in lines.calls]
    assert len(told) == 2 * len(asks)
    assert told[::2] == told[1::2]


@pytest.mark.parametrize("sent", [b"", b'{"weight_kg": 1'], ids=["at once", "in the middle"])
async def test_a_client_that_goes_away_while_it_sends_is_no_fault_of_ours(
    both: Both, monkeypatch: pytest.MonkeyPatch, sent: bytes
) -> None:
    """Both ways tell the same, and no unexpected error."""
    lines = CapturingLogger()
    monkeypatch.setattr("crossdock.web.middleware.log", lines)
    for world in (both.dispatched, both.plain):
        assert world.app is not None
        messages = [{"type": "http.request", "body": sent, "more_body": True}, {"type": "http.disconnect"}]
        answer: list[Any] = []
        await world.app(a_post("/v1/bookings", both.token), given(messages), kept(answer))
        assert answer[0]["status"] == 400
    told = [(call.method_name, call.args, {**call.kwargs, "ms": None}) for call in lines.calls]
    assert [each[:2] for each in told] == [("info", ("request",))] * 2
    assert told[0] == told[1]


def a_post(path: str, token: str) -> dict[str, Any]:
    headers = [(b"authorization", token.encode()), (b"content-type", b"application/json")]
    start = {"type": "http", "http_version": "1.1", "method": "POST", "path": path, "raw_path": path.encode()}
    return start | {"query_string": b"", "root_path": "", "headers": headers, "scheme": "http", "server": ("test", 80)}


def given(messages: list[dict[str, Any]]) -> Any:
    async def receive() -> dict[str, Any]:
        return messages.pop(0)

    return receive


def kept(messages: list[Any]) -> Any:
    async def send(message: Any) -> None:
        messages.append(message)

    return send
