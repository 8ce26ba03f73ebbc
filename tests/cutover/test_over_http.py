"""What operators see over HTTP of the modules and their moves, and who is no operator."""

from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import insert

from crossdock.cutover.operating import Operations
from crossdock.models.tables import COUNTS, OwnTables
from crossdock.registry import Registry
from crossdock.stages import Stage
from crossdock.tenancy import Platform
from crossdock.transaction import Database
from tests.application import FREIGHT
from tests.cutover.scene import MODULE, brought_to, heard
from tests.modules.accounts import refused
from tests.modules.operators import operator as platforms_operator
from tests.world import Person, World, ok

MOVES, MISMATCHES = "/v1/operations/moves", f"/v1/operations/moves/{MODULE}/mismatches"
OWN = OwnTables.of(FREIGHT)
NOW = datetime.now(UTC)


@pytest.fixture
async def olga(service: World, served: Database) -> Person:
    """An operator."""
    return await platforms_operator(service, served)


async def seen(olga: Person) -> dict[str, Any]:
    """The moves, by module."""
    return {each["module"]: each for each in ok(await olga.http.get(MOVES))["items"]}


async def test_every_module_is_shown(olga: Person, registry: Registry) -> None:
    """In the order of the manifests, with its ORM, tools and lane; one that does not move has no stage."""
    body = ok(await olga.http.get(MOVES))
    assert [each["module"] for each in body["items"]] == list(registry.modules)
    assert (body["read_only"], body["next_cursor"]) == (False, None)
    found = await seen(olga)
    bookings = {name: found[MODULE][name] for name in ("orm", "tools", "lane", "stage", "next", "methods")}
    module = registry.modules[MODULE]
    assert bookings == {
        "orm": module.orm.value,
        "tools": sorted({module.tool_of(table).tool for table in module.tables}),
        "lane": "pooled",
        "stage": None,
        "next": None,
        "methods": [],
    }


async def test_a_move_shows_its_stage_and_what_is_in_the_way(
    olga: Person, served: Database, operator: Operations
) -> None:
    """Who changed it and why, the next step, what was counted of each method, and what is missing."""
    state = await operator.start(MODULE, sample=20, reason="it is time")
    counted = dict.fromkeys(COUNTS, 0) | {
        "same": 3,
        "different": 1,
        "control_us": 8_000,
        "candidate_us": 4_000,
        "timed": 4,
    }
    async with served.transaction(Platform("test")) as tx:
        row = {"module": MODULE, "method": "get", "since": state.since, "last_at": state.since, **counted}
        await tx.sql.execute(insert(OWN.module_comparisons), row)
    found = (await seen(olga))[MODULE]
    assert {name: found[name] for name in ("stage", "share", "sample", "reason", "changed_by", "next")} == {
        "stage": "shadow",
        "share": 0,
        "sample": 20,
        "reason": "it is time",
        "changed_by": "the test",
        "next": "rehearse",
    }
    (method,) = found["methods"]
    assert (method["method"], method["same"], method["different"]) == ("get", 3, 1)
    assert (method["control_ms"], method["candidate_ms"]) == (2.0, 1.0)
    assert any(each.startswith("get: 1 mismatch (") for each in found["obstacles"])
    assert any(each.startswith("document: no call") for each in found["obstacles"])


async def test_counts_of_an_earlier_stage_are_not_shown(olga: Person, served: Database) -> None:
    """A stage begins with none."""
    before = await brought_to(served, Stage.SHADOW)
    async with served.transaction(Platform("test")) as tx:
        row = {"module": MODULE, "method": "get", "since": before.since, "last_at": before.since}
        await tx.sql.execute(insert(OWN.module_comparisons), row | dict.fromkeys(COUNTS, 7))
    assert (await seen(olga))[MODULE]["methods"]
    await brought_to(served, Stage.REHEARSE)
    assert (await seen(olga))[MODULE]["methods"] == []


async def test_mismatches_come_in_pages(olga: Person, served: Database) -> None:
    """The newest first, each once, those of the module alone."""
    rows = [mismatch(MODULE, method=f"method_{number}") for number in range(5)]
    async with served.transaction(Platform("test")) as tx:
        await tx.sql.execute(insert(OWN.module_mismatches), [*rows, mismatch("bids", method="get")])
    found, cursor = [], None
    for _ in range(3):
        page = ok(await olga.http.get(MISMATCHES, params={"limit": 2} | ({"cursor": cursor} if cursor else {})))
        found += page["items"]
        cursor = page["next_cursor"]
    assert cursor is None
    assert [each["method"] for each in found] == [f"method_{number}" for number in reversed(range(5))]
    assert found[0]["differences"] == [{"path": "status", "control": "open", "candidate": None}]
    assert {each["module"] for each in found} == {MODULE}


async def test_a_cursor_of_another_list_shows_nothing_wrong(olga: Person, served: Database) -> None:
    """A number past PostgreSQL's own is no error of ours."""
    async with served.transaction(Platform("test")) as tx:
        await tx.sql.execute(insert(OWN.module_mismatches), [mismatch(MODULE, method="get")])
    assert len(ok(await olga.http.get(MISMATCHES, params={"cursor": "_" * 21 + "w"}))["items"]) == 1


async def test_an_unknown_module_has_no_mismatches(olga: Person) -> None:
    """404, which names those that there are."""
    problem = refused(await olga.http.get("/v1/operations/moves/nothing/mismatches"), 404, "not_found")
    assert MODULE in problem["detail"]


async def test_nobody_else_sees_them(service: World) -> None:
    """An admin of a company gets 403, a stranger 401: of both routes."""
    admin = await service.register("both")
    for path in (MOVES, MISMATCHES):
        refused(await admin.http.get(path), 403, "operators_only")
        async with service.client() as stranger:
            refused(await stranger.get(path), 401, "unauthenticated")


async def test_a_suspended_operator_sees_nothing_more(olga: Person, served: Database) -> None:
    """PostgreSQL is asked in the unit of work that reads the moves."""
    ok(await olga.http.get(MOVES))
    async with served.transaction(Platform("test")) as tx:
        await tx.first("UPDATE sessions SET revoked_at = now() RETURNING true", ())
    refused(await olga.http.get(MOVES), 401, "unauthenticated")


async def test_metrics_and_readiness_show_a_move(
    service: World, served: Database, operator: Operations, registry: Registry
) -> None:
    """The stage of each module, its comparisons, and whether it is read-only; the service stays ready."""
    async with service.client() as http:
        assert "modules" not in ok(await http.get("/readyz"))
        assert of_metrics((await http.get("/metrics")).text, "stage") == {registry.modules[MODULE].orm.value: 1.0}
        await heard(served, await operator.start(MODULE, sample=100))
        await heard(served, await operator.read_only(MODULE, on=True))
        assert ok(await http.get("/readyz"))["modules"] == {MODULE: "shadow, read-only"}
        text = (await http.get("/metrics")).text
    assert of_metrics(text, "stage") == {"shadow": 1.0}
    assert f'crossdock_module_read_only{{module="{MODULE}"}} 1.0' in text
    assert 'crossdock_module_read_only{module="*"} 0.0' in text


async def test_comparisons_are_counted(service: World, served: Database) -> None:
    """By module and verdict, as often as calls were compared."""
    await brought_to(served, Stage.SHADOW)
    person = await service.register("shipper")
    ok(await person.http.get("/v1/bookings"))
    assert served.stores.comparing is not None
    await served.stores.comparing.settled()  # type: ignore[attr-defined]
    async with service.client() as http:
        text = (await http.get("/metrics")).text
    assert f'crossdock_comparisons_total{{module="{MODULE}",verdict="same"}} 1.0' in text


def of_metrics(text: str, name: str) -> dict[str, float]:
    """Of the module: the labels whose sample is not 0."""
    start = f'crossdock_module_{name}{{module="{MODULE}",{name}="'
    samples = (line.removeprefix(start).split('"} ') for line in text.splitlines() if line.startswith(start))
    return {label: float(value) for label, value in samples if float(value)}


def mismatch(module: str, *, method: str) -> dict[str, Any]:
    """A row as a comparison writes it."""
    return {
        "module": module,
        "method": method,
        "stage": "shadow",
        "verdict": "different",
        "scope": {"kind": "platform", "reason": "test"},
        "arguments": {"contract": "BookingReads", "given": {}},
        "differences": [{"path": "status", "control": "open", "candidate": None}],
        "created_at": NOW,
    }
