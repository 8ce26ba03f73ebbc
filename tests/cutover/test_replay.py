"""A mismatch is kept with its secrets masked, and can be run again: both sides answer on the data of now, with their
statements, and nothing stays."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Protocol

import pytest

from crossdock.cutover import running_moves
from crossdock.cutover.arguments import NotRepeatable, again, kept
from crossdock.cutover.comparison import Call, Comparison, Verdict
from crossdock.cutover.difference import MASK, SECRETS, Difference
from crossdock.cutover.mismatch import Mismatch, row_of
from crossdock.cutover.operating import Operations
from crossdock.cutover.replay import replay
from crossdock.documents import Document, Page
from crossdock.registry import Orm
from crossdock.stages import ModuleState, Stage
from crossdock.transaction import Database
from crossdock.transaction.stores import Choice
from freight.modules.bookings.store import BookingReads, BookingRow, BookingStatus, BookingStore
from freight.modules.bookings.store_sqlalchemy import SqlAlchemyBookingReads
from freight.tenancy import CompanyScope
from tests.cutover.scene import MODULE, booked, brought_to, make_heavier
from tests.stores.rows import booking_row


@pytest.fixture
async def kept_one(
    moved: Database, operator: Operations, shipper: CompanyScope, monkeypatch: pytest.MonkeyPatch
) -> tuple[Mismatch, BookingRow]:
    """A mismatch of a write, and the booking that was written."""
    with monkeypatch.context() as defect:
        make_heavier(defect)
        await brought_to(moved, Stage.REHEARSE)
        async with running_moves(moved) as moves:
            row = await booked(moved, shipper)
            await moves.settled()
    (mismatch,) = await operator.mismatches(MODULE)
    return mismatch, row


async def bookings_of(database: Database, shipper: CompanyScope) -> int:
    async with database.reading(shipper) as unit:
        return int((await unit.first("SELECT count(*) AS number FROM bookings", ()))["number"])


async def test_what_is_kept(kept_one: tuple[Mismatch, BookingRow], shipper: CompanyScope, operator: Operations) -> None:
    """Whose call it was, with what, at which stage, and the difference by path."""
    mismatch, row = kept_one
    assert (mismatch.module, mismatch.method, mismatch.stage, mismatch.verdict) == (
        MODULE,
        "add",
        "rehearse",
        "different",
    )
    assert mismatch.scope["kind"] == "tenant"
    assert mismatch.scope["company_id"] == str(shipper.company_id)
    assert mismatch.arguments["contract"] == "BookingStore"
    assert mismatch.arguments["given"]["row"]["weight_kg"] == row.weight_kg
    assert mismatch.differences == [
        {"path": f"rows.bookings.{row.id}.new.weight_kg", "control": 9_000, "candidate": 9_001}
    ]
    assert await operator.mismatch(mismatch.number) == mismatch


async def test_a_write_again(
    moved: Database, kept_one: tuple[Mismatch, BookingRow], shipper: CompanyScope, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the defect the sides differ again, without it they agree; either way nothing is written."""
    mismatch, row = kept_one
    there = await bookings_of(moved, shipper)
    mismatch = other_id(mismatch, row)
    with monkeypatch.context() as defect:
        make_heavier(defect)
        wrong = await replay(moved, mismatch)
    ((difference),) = wrong.differences
    assert (difference.control, difference.candidate) == (9_000, 9_001)
    assert (wrong.control.orm, wrong.candidate.orm) == (Orm.TORTOISE, Orm.SQLALCHEMY)
    for side in (wrong.control, wrong.candidate):
        assert any("INSERT INTO" in statement for statement in side.statements)
        assert str(row.company_id) not in str(side.statements)
    assert (await replay(moved, mismatch)).differences == ()
    assert await bookings_of(moved, shipper) == there


def other_id(mismatch: Mismatch, row: BookingRow) -> Mismatch:
    """The same call for a booking that is not there yet: the one of the call was written by the control."""
    given = mismatch.arguments["given"]
    again = {"row": given["row"] | {"id": str(booking_row(CompanyScope(row.company_id, "shipper")).id)}}
    return replace(mismatch, arguments=mismatch.arguments | {"given": given | again})


async def test_a_write_that_is_refused_now(moved: Database, kept_one: tuple[Mismatch, BookingRow]) -> None:
    """The booking is there by now, so both are refused: the same error, by name, is no difference."""
    found = await replay(moved, kept_one[0])
    assert found.control.said == found.candidate.said == {"raised": "23505 bookings_pkey"}
    assert found.differences == ()


async def test_a_read_again(
    moved: Database, operator: Operations, shipper: CompanyScope, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its arguments are made of what is kept: pages, states and ids."""

    async def page(store: Any, page: Page, status: BookingStatus | None, *, with_shipper: bool = False) -> Document:
        return await right(store, replace(page, limit=1), status, with_shipper=with_shipper)

    right = SqlAlchemyBookingReads.page
    await booked(moved, shipper, 2)
    last = await booked(moved, shipper)
    await brought_to(moved, Stage.SHADOW)
    with monkeypatch.context() as defect:
        defect.setattr(SqlAlchemyBookingReads, "page", page)
        async with running_moves(moved) as moves:
            async with moved.reading(shipper, BookingReads) as bookings:
                await bookings.page(Page(limit=7, after=last.id), BookingStatus.DRAFT, with_shipper=True)
            await moves.settled()
        (mismatch,) = await operator.mismatches(MODULE)
        assert (await replay(moved, mismatch)).differences
    found = await replay(moved, mismatch)
    assert found.differences == ()
    assert len(found.candidate.statements) == 1


class SignIns(Protocol):
    """A contract of the test, whose arguments are not all repeatable."""

    async def sign_in(self, email: str, password: str) -> None: ...

    async def at(self, moment: datetime, odd: object) -> None: ...


def test_secrets_are_masked(moved: Database, shipper: CompanyScope) -> None:
    """By their names: among the arguments, in what differs, and those that a module names itself."""
    choice = Choice(SignIns, ModuleState(MODULE, control=Orm.TORTOISE, stage=Stage.SHADOW), Orm.TORTOISE)
    call = Call(choice, shipper, "sign_in", ("ada@firm.example", "correct horse"), {})
    differing = (Difference("rows.users.7.new.password_hash", "a", "b"), Difference("email", "c", "d"))
    comparison = Comparison(call, Verdict.DIFFERENT, differences=differing)
    row = row_of(comparison, moved.tenancy, (*SECRETS, "email"), datetime.now(UTC))
    assert row["arguments"]["given"] == {"email": MASK, "password": MASK}
    assert [each["control"] for each in row["differences"]] == [MASK, MASK]
    assert "guard" not in row["scope"]


def test_a_call_with_a_secret_is_not_repeatable() -> None:
    """It says so, and does not sign in with asterisks."""
    with pytest.raises(NotRepeatable, match="A secret among the arguments is masked"):
        again(SignIns, "sign_in", {"email": "ada@firm.example", "password": MASK})


def test_arguments_that_cannot_be_read_back() -> None:
    """By the name of the argument. Those that can be are the same as before."""
    moment = datetime(2026, 11, 27, 12, 30, tzinfo=UTC)
    given = kept(SignIns, "at", (moment, "plain"), {})
    assert again(SignIns, "at", given) == {"moment": moment, "odd": "plain"}
    with pytest.raises(NotRepeatable, match="The argument moment cannot be read back"):
        again(SignIns, "at", given | {"moment": "never"})


def test_every_argument_of_the_store_is_repeatable(shipper: CompanyScope) -> None:
    """Rows, lists of rows, ids, times: what comes back is what was given."""
    row = booking_row(shipper, status=BookingStatus.OPEN)
    calls: dict[str, dict[str, Any]] = {
        "add": {"row": row},
        "change": {"row": row, "version": 3},
        "move": {"row": row, "from_status": BookingStatus.DRAFT},
        "get": {"booking_id": row.id, "lock": True},
        "past_pickup": {"now": row.created_at, "limit": 7, "besides": [row.id]},
        "page": {"page": Page(limit=3, after=row.id), "status": None, "with_shipper": True},
    }
    for method, arguments in calls.items():
        assert again(BookingStore, method, kept(BookingStore, method, (), arguments)) == arguments
