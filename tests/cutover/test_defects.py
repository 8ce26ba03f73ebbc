"""What may be wrong with a candidate: each defect of the table is caught by the name of the method that has it, before
the candidate answers for anybody."""

import re
from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from typing import Any

import orjson
import pytest

from crossdock.config.settings import MoveSettings, Settings
from crossdock.cutover import running_moves
from crossdock.cutover.operating import GateShut, Operations
from crossdock.documents import Page
from crossdock.errors import NotFound
from crossdock.registry import Registry
from crossdock.stages import ModuleState, Stage
from crossdock.transaction import Database
from freight.modules.bookings.store import BookingReads, BookingStatus
from freight.modules.bookings.store_sqlalchemy import SqlAlchemyBookingReads, SqlAlchemyBookingStore
from tests.cutover import subtle
from tests.cutover.conftest import QUICK
from tests.cutover.scene import MODULE, brought_to
from tests.cutover.use import Loads, loads, read, write
from tests.cutover.wrong import (
    Wrong,
    amount,
    an_hour_later,
    answered,
    as_platform,
    asked,
    body,
    broken,
    called_with,
    created,
    emitting,
    everything,
    hasty,
    instead,
    locked_too_much,
    naive,
    nulls_first,
    priced,
    raising,
    renaming,
    rounded,
    row_by_row,
    short,
    slow,
    swallowing,
    unflushed,
    unguarded,
    unscoped,
    upper_status,
    waiting_for_locks,
    with_history,
    written,
)
from tests.world import Server, database_name

PATIENT = QUICK.model_copy(update={"mismatches_max": 10_000, "waiting_max": 1_000, "timeout_s": 30})
STRICT = PATIENT.model_copy(update={"slower_max": 8})
CLASSES: dict[Stage, Any] = {Stage.SHADOW: SqlAlchemyBookingReads, Stage.REHEARSE: SqlAlchemyBookingStore}


@dataclass(frozen=True)
class Defect:
    """`seen` is a pattern that the path of a mismatch begins with, or a sentence of the gate has."""

    name: str
    stage: Stage
    method: str
    wrong: Wrong
    seen: str

    def __str__(self) -> str:
        return f"{self.method}: {self.name}"


def at(stage: Stage, method: str, *of_method: tuple[str, Wrong, str]) -> list[Defect]:
    return [Defect(name, stage, method, wrong, seen) for name, wrong, seen in of_method]


ITEMS, PRICE, PICKUP = r"returned\.body\.items\.\d", r"returned\.body\.price_ceiling", r"returned\.pickup"
CREATED = r"returned\.created_at"
OPEN = BookingStatus.OPEN

DEFECTS = [
    *at(
        Stage.SHADOW,
        "page",
        ("a wrong filter", asked(lambda page, status: (page, None)), ITEMS),
        ("a filter that is always there", asked(lambda page, status: (page, status or OPEN)), ITEMS),
        ("one row too many", asked(lambda page, status: (replace(page, limit=page.limit + 1), status)), ITEMS),
        ("a lost cursor", asked(lambda page, status: (Page(page.limit), status)), ITEMS),
        ("no next page", answered(body(lambda page: page.update(next_cursor=None))), r"returned\.body\.next_cursor"),
        ("a lost join", called_with(with_shipper=False), rf"{ITEMS}\.shipper"),
        ("NULL ordered otherwise", answered(body(nulls_first)), ITEMS),
        ("a cursor that includes its row", asked(subtle.from_the_cursor_on), ITEMS),
        ("a next page after the last row", answered(body(subtle.always_more)), r"returned\.body\.next_cursor"),
        ("a query for each row", row_by_row, r"page: the candidate sends \S+ statements a call"),
    ),
    *at(
        Stage.SHADOW,
        "document",
        ("an amount in floats", answered(amount(float)), rf"{PRICE}\.amount_minor"),
        ("an amount in whole units", answered(amount(lambda minor: minor / 100)), rf"{PRICE}\.amount_minor"),
        ("an enum's name for its value", answered(body(upper_status)), r"returned\.body\.status"),
        ("no time zone", answered(created(lambda at: at.removesuffix("Z"))), r"returned\.body\.created_at"),
        ("a time cut to seconds", answered(created(lambda at: f"{at[:19]}Z")), r"returned\.body\.created_at"),
        ("a field too many", answered(body(lambda it: it.update(version=1))), r"returned\.body\.version"),
        ("a field too few", answered(body(lambda it: it.pop("carrier_id"))), r"returned\.body\.carrier_id"),
        ("broken JSON", answered(broken), "^$"),
        ("a large amount rounded", answered(amount(subtle.as_float)), rf"{PRICE}\.amount_minor"),
        ("NULL for an empty text", answered(body(subtle.empty_for_null)), r"returned\.body\.carrier_id"),
        ("a lost ETag", answered(lambda document: replace(document, version=None)), r"returned\.version"),
    ),
    *at(
        Stage.SHADOW,
        "get",
        ("an amount in floats", answered(priced(120_000.0, "EUR")), r"returned\.price_ceiling\.amount_minor"),
        ("a lost currency", answered(priced(120_000, "")), r"returned\.price_ceiling\.currency"),
        ("an enum's text for its member", answered(lambda row: replace(row, status="draft")), r"returned\.status"),
        ("no time zone", answered(lambda row: replace(row, created_at=naive(row))), r"returned\.created_at"),
        (
            "another time zone",
            answered(lambda row: replace(row, created_at=an_hour_later(row))),
            r"returned\.created_at",
        ),
        ("single precision", answered(lambda row: replace(row, pickup=rounded(row.pickup))), rf"{PICKUP}\.lat"),
        ("a dict for a row", answered(asdict), r"returned\.class"),
        ("an ORM object for a row", instead(subtle.an_orm_object), "returned"),
        ("a key's text for the key", answered(lambda row: replace(row, id=str(row.id))), r"returned\.id"),
        (
            "a time's text for the time",
            answered(lambda row: replace(row, created_at=row.created_at.isoformat())),
            CREATED,
        ),
        (
            "a time cut to milliseconds",
            answered(lambda row: replace(row, pickup=subtle.cut(row.pickup))),
            rf"{PICKUP}\.ready_at",
        ),
        (
            "an hour off in summer",
            answered(lambda row: replace(row, pickup=subtle.summer(row.pickup))),
            rf"{PICKUP}\.ready_at",
        ),
        (
            "a trimmed text",
            answered(lambda row: replace(row, pickup=subtle.trimmed(row.pickup))),
            rf"{PICKUP}\.address",
        ),
        (
            "a text in small letters",
            answered(lambda row: replace(row, pickup=subtle.small(row.pickup))),
            rf"{PICKUP}\.address",
        ),
        (
            "a large amount rounded",
            answered(lambda row: priced(subtle.as_float(row.price_ceiling.amount_minor), "EUR")(row)),
            r"returned\.price_ceiling\.amount_minor",
        ),
        ("a write in a read", subtle.writing, "raised"),
        ("another unit of work", subtle.beside, "get: the candidate sends no statement"),
        ("a missing scope filter", as_platform, "returned"),
        ("an error for None", raising(NotFound), "raised"),
        ("a slow query", slow, r"get: the candidate takes \S+ ms"),
    ),
    *at(
        Stage.REHEARSE,
        "add",
        ("a lost default", written(lambda row: replace(row, version=None)), "raised"),
        (
            "another value",
            written(lambda row: replace(row, weight_kg=row.weight_kg + 1)),
            r"rows\.bookings\..*weight_kg",
        ),
        ("an enum's name for its value", written(lambda row: replace(row, status="DRAFT")), "raised"),
        ("a swallowed conflict", swallowing, "raised"),
        ("a conflict by another name", renaming, "raised"),
        ("an unflushed write", instead(unflushed), r"rows\.bookings"),
        ("a row in another table", with_history, r"rows\.booking_history"),
        ("an event too many", emitting, "events"),
        (
            "a trimmed text",
            written(lambda row: replace(row, pickup=subtle.trimmed(row.pickup))),
            r"rows\.bookings\..*pickup_address",
        ),
        (
            "a large amount rounded",
            written(lambda row: priced(subtle.as_float(row.price_ceiling.amount_minor), "EUR")(row)),
            r"rows\.bookings\..*price_ceiling_minor",
        ),
        (
            "a time cut to milliseconds",
            written(lambda row: replace(row, pickup=subtle.cut(row.pickup))),
            r"rows\.bookings\..*pickup_ready_at",
        ),
        ("work after the commit", subtle.working_later, "after_commit"),
        ("a time zone that stays set", subtle.leaving("SET LOCAL TimeZone = 'Asia/Tokyo'"), "settings"),
        ("another tenant that stays set", subtle.leaving("SET LOCAL crossdock.company_id = ''"), "raised"),
        ("a retry with another key", subtle.retrying, "raised"),
    ),
    *at(
        Stage.REHEARSE,
        "add_history",
        ("a row too few", short, r"rows\.booking_history"),
        ("a row twice", subtle.twice, r"rows\.booking_history"),
        ("an empty text for NULL", subtle.empty_reasons, r"rows\.booking_history\..*reason"),
    ),
    *at(
        Stage.REHEARSE,
        "get",
        ("a missing lock", called_with(lock=False), r"locks\.bookings"),
        ("a stale row", subtle.remembering, r"returned\.version"),
        ("a write in a read", subtle.touching, r"rows\.bookings"),
        ("a lock after the read", subtle.locking_late, r"get: the candidate sends \S+ statements a call"),
        ("an advisory lock", subtle.leaving("SELECT pg_advisory_xact_lock(1)"), r"locks\.pg_advisory_xact_lock"),
        ("a lock that is too strong", instead(locked_too_much), r"locks\.bookings"),
    ),
    *at(
        Stage.REHEARSE,
        "change",
        (
            "a lost auto_now",
            written(lambda row: replace(row, updated_at=row.created_at)),
            r"rows\.bookings\..*updated_at",
        ),
        ("no comparison of versions", instead(unguarded), "rows|returned"),
        ("a swallowed conflict", hasty, "returned"),
        ("a retry that hides a conflict", subtle.trying_again, "rows|returned"),
        ("rows of others", everything, r"rows\.bookings\."),
    ),
    *at(Stage.REHEARSE, "document", ("broken JSON", answered(broken), "^$")),
    *at(Stage.REHEARSE, "move", ("a swallowed conflict", hasty, "returned")),
    *at(
        Stage.REHEARSE,
        "past_pickup",
        ("one row too many", asked(lambda at, limit, besides: (at, limit + 1, besides)), r"returned\.\d"),
        ("a lost exception", asked(lambda at, limit, besides: (at, limit, ())), r"returned\.\d"),
        ("another order", answered(lambda rows: rows[::-1]), r"returned\.\d"),
        (
            "another zone for now",
            asked(lambda at, limit, besides: (at - timedelta(hours=2), limit, besides)),
            r"returned\.\d",
        ),
        ("no SKIP LOCKED", instead(waiting_for_locks), r"locks\.bookings"),
    ),
]


@pytest.fixture(scope="module")
async def settings_apart(server: Server, template: str) -> AsyncIterator[Settings]:
    name = database_name("defects")
    yield (await server.copy(name, template)).model_copy(update={"moves": PATIENT})
    await server.drop(name)


@pytest.fixture(scope="module")
async def database(settings_apart: Settings, registry: Registry) -> AsyncIterator[Database]:
    async with Database(settings_apart, registry) as opened:
        yield opened


@pytest.fixture(scope="module")
async def there(database: Database) -> Loads:
    return await loads(database)


async def used(database: Database, there: Loads, stage: Stage) -> ModuleState:
    """The store at a stage, with each of its methods called and compared."""
    state = await brought_to(database, stage)
    async with running_moves(database) as moves:
        await read(database, there)
        if stage is Stage.REHEARSE:
            await write(database, there)
        await moves.settled()
    return state


def gate(database: Database, limits: MoveSettings) -> Operations:
    return Operations(database.settings.model_copy(update={"moves": limits}), database.registry, by="the test")


@pytest.mark.parametrize("stage", CLASSES)
async def test_a_right_candidate_passes(database: Database, there: Loads, stage: Stage) -> None:
    """The same use of the store finds no difference, and the gate opens."""
    await used(database, there, stage)
    progress = await gate(database, PATIENT).progress(MODULE)
    assert progress.obstacles == ()
    assert {each.different + each.noise + each.unclear + each.dropped for each in progress.counts.values()} == {0}


async def test_a_lost_tenant_does_no_harm(database: Database, there: Loads, monkeypatch: pytest.MonkeyPatch) -> None:
    """Row level security shows a tenant its own rows, whatever the statement of a candidate asks for."""
    monkeypatch.setattr(SqlAlchemyBookingReads, "page", unscoped)
    await brought_to(database, Stage.SQLALCHEMY)
    async with database.reading(there.shipper, BookingReads) as bookings:
        shown = orjson.loads((await bookings.page(Page(), None)).body)["items"]
    assert {item["company_id"] for item in shown} == {str(there.shipper.company_id)}
    assert {item["id"] for item in shown} >= {str(there.draft.id), str(there.covered.id)}


@pytest.mark.parametrize("defect", DEFECTS, ids=str)
async def test_a_defect_is_caught(
    database: Database, there: Loads, monkeypatch: pytest.MonkeyPatch, defect: Defect
) -> None:
    """The gate stays shut and names the method, and a mismatch shows where; what is served is right."""
    operator = gate(database, STRICT if defect.wrong is slow else PATIENT)
    holder = CLASSES[defect.stage]
    monkeypatch.setattr(holder, defect.method, defect.wrong(getattr(holder, defect.method)))
    state = await used(database, there, defect.stage)
    with pytest.raises(GateShut, match=rf" {defect.method}: ") as refused:
        await operator.advance(MODULE)
    paths = [
        difference["path"]
        for mismatch in await operator.mismatches(MODULE)
        if mismatch.method == defect.method and state.since and mismatch.created_at >= state.since
        for difference in mismatch.differences
    ]
    said = (*paths, str(refused.value))
    assert any(re.search(defect.seen, each) for each in said), said
