"""The benchmarks measure what they say: a consistent world, servers that answer the same, a page of the results."""

import asyncio
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from benchmarks import layers, report
from benchmarks.bench import Bench
from benchmarks.contestants import ALL, BARE, NEW
from benchmarks.load import LoadFailed
from benchmarks.pace import one_by_one, pace
from benchmarks.picture import BAR, draw
from benchmarks.requests import ENDPOINTS, Endpoint, Request, on_the_wire
from benchmarks.results import FILE, Circumstances, Latency, Played, Results
from benchmarks.same import AnswersDiffer, check_same
from benchmarks.serving import Serving
from benchmarks.world.server import Server as BenchServer
from crossdock.ids import new_id
from tests.invariants import LEDGER, violations
from tests.invariants_marketplace import CHECKS
from tests.world import Server

BOOKINGS = 1_000
SVG = "{http://www.w3.org/2000/svg}"
OUTBOX = ("told", "outbox")
"""The world was told of nothing: it has no histories and no events, which the service never reads again."""


@pytest.fixture(scope="module")
def bench(server: Server) -> Iterator[Bench]:
    """A hundredth of the world, on the server of the tests."""
    with Bench.on(BenchServer(server.superuser, server.owner, server.service), BOOKINGS) as opened:
        yield opened


def test_the_world_is_consistent(bench: Bench) -> None:
    """A world of a hundredth has its bids, and breaks no rule of the ledger or the marketplace."""
    claims = {claim: query for claim, query in (LEDGER | CHECKS).items() if not any(word in claim for word in OUTBOX)}

    async def ask() -> tuple[list[str], int, int]:
        connection = await bench.server.connect(bench.template)
        broken = await violations(connection, claims)
        bids = await connection.fetchval("SELECT count(*) FROM bids")
        lost = await connection.fetchval(LOST)
        await connection.close()
        return broken, bids, lost

    assert asyncio.run(ask()) == ([], 3 * BOOKINGS, 0)


LOST = """
    SELECT count(*) FROM bids AS w
    LEFT JOIN bookings AS b ON b.id = w.booking_id AND b.company_id = w.shipper_id
    LEFT JOIN companies AS c ON c.id = w.company_id AND c.kind = 'carrier'
    WHERE b.id IS NULL OR c.id IS NULL
"""
"""Bids without their booking or their carrier: the recipe is loaded with no foreign key checked."""


@pytest.fixture(scope="module")
def servings(bench: Bench) -> Iterator[list[Serving]]:
    """All the servers that are measured, each on a copy of its own."""
    with bench.start_apart(list(ALL.values())) as started:
        yield started


@pytest.mark.parametrize("endpoint", ENDPOINTS.values(), ids=list(ENDPOINTS))
def test_all_servers_answer_the_same(bench: Bench, servings: list[Serving], endpoint: Endpoint) -> None:
    """To the same requests the service, on either ORM, and the three peers give the same JSON values."""
    check_same(endpoint, bench.requests(endpoint), servings, bench.passport)


def test_another_answer_is_found_out(bench: Bench, servings: list[Serving]) -> None:
    """A peer that answers with other rows fails the run before it begins."""
    page = ENDPOINTS["page"]
    shippers = [request for request in bench.requests(page) if request.for_peer]
    astray = [replace(request, for_peer="&status=expired") for request in shippers]
    with pytest.raises(AnswersDiffer, match="bare answers"):
        check_same(page, astray, [servings[0], servings[-1]], bench.passport)


def test_a_fixed_rate_is_held(bench: Bench, servings: list[Serving]) -> None:
    """As many requests leave as were asked for, each is answered, and an answer that is no success ends it."""
    requests = on_the_wire(bench.requests(ENDPOINTS["nested"]), bench.passport)
    url = servings[0].url
    paced = pace(url, requests, rate=100, seconds=0.5)
    assert paced.requests == 50 and 0 < paced.p50_ms <= paced.p99_ms <= paced.max_ms
    assert one_by_one(url, requests, seconds=0.1).requests >= 1
    stranger = [request.replace(b"Bearer ", b"Bearer x") for request in requests]
    with pytest.raises(LoadFailed, match="401"):
        pace(url, stranger, rate=100, seconds=0.1)


def test_the_layers_are_measured(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each does what it says, for every read; a layer that found nothing would end it."""
    monkeypatch.setattr(layers, "READS", 40)
    told: list[str] = []
    costs = layers.measure_layers(bench, told.append)
    assert [len(each) for each in costs.values()] == [layers.TURNS] * len(costs)
    assert all(cost > 0 for each in costs.values() for cost in each)
    assert len(told) == len(costs) == 4


def test_a_layer_that_finds_nothing_ends_it(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """A booking that is not there: no time is told for that."""
    nothing = Request("GET", f"/v1/bookings/{new_id()}", bench.population.people[0])
    monkeypatch.setattr(Bench, "requests", lambda *_: [nothing])
    with pytest.raises(layers.NotFound):
        layers.measure_layers(bench, print)


def played(rate: float) -> Played:
    """A run of one second."""
    return Played(requests=round(rate), seconds=1, p50_ms=1, p99_ms=2, cpu_load=0.1, cpu_server=0.9, cpu_database=0.5)


def test_the_page_shows_the_medians() -> None:
    """The ratio of each round and the median of them, whatever the medians of the rates are."""
    ours, theirs = [played(300), played(100), played(500)], [played(1000), played(1000), played(1000)]
    results = Results(
        circumstances=Circumstances(
            measured_at=datetime(2030, 5, 4, tzinfo=UTC),
            command="python -m benchmarks",
            machine={"processors": "2 × a processor"},
            versions={"Python": "3.11.7"},
            bookings=BOOKINGS,
            rounds=3,
            seconds=1,
        ),
        rates={"one": {NEW.name: ours, BARE.name: theirs}},
        half_load={"one": {"new": [Latency(rate=150, requests=300, p50_ms=2, p99_ms=5, max_ms=9)]}},
    )
    page = report.page(results)
    assert "| against bare ASGI + asyncpg | 0.30× (0.10 to 0.50) |" in page
    assert "| one row, Crossdock, as it is served | 150 | 2.00 | 5.00 | 2.5× |" in page
    picture = ET.fromstring(draw(results))  # noqa: S314  our own
    bars = [bar for bar in picture.iter(f"{SVG}rect") if bar.get("height") == str(BAR)]
    assert [bar.get("class") for bar in bars] == ["new", "bare"]
    assert float(bars[0].get("width", 0)) == pytest.approx(0.3 * float(bars[1].get("width", 0)), rel=0.01)


def test_the_page_is_made_of_the_results() -> None:
    """The page and the picture in the docs are those of the results that are kept: nobody edited them by hand."""
    results = Results.model_validate_json(FILE.read_bytes())
    assert report.PAGE.read_text() == report.page(results)
    assert report.PICTURE.read_text() == draw(results)
