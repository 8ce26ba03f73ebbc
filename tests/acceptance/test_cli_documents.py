"""`crossdock documents`: the list, the SQL, and the plan that the database makes of it."""

from crossdock.config.settings import Settings
from tests.acceptance.process import crossdock


async def test_the_list_needs_no_database() -> None:
    """Every document with its schema and its statements, for people and for programs."""
    shown, listed = await crossdock("documents"), (await crossdock("documents", "--json")).json
    names = {document["name"]: document for document in listed}
    assert all(name in shown.output for name in names)
    assert names["bookings.booking"]["schema"] == "BookingOut"
    assert len(names["bookings.bookings"]["statements"]) == 8


async def test_one_is_shown_with_its_parameters() -> None:
    """The SQL, a line for each member of the JSON; a list with each way to ask for it."""
    one, page = (
        await crossdock("documents", "show", "bookings.booking"),
        await crossdock("documents", "show", "bookings.bookings"),
    )
    assert all(words in one.output for words in ("$1 booking_id", '"weight_kg":', "WHERE bookings.id = $1::UUID"))
    assert all(words in page.output for words in ("from the start", "after a cursor, by status", "$2 status"))


async def test_a_plan_is_the_database_s(settings: Settings) -> None:
    """As PostgreSQL tells it, with row level security in it."""
    ran = await crossdock("documents", "show", "ledger.transfer", "--explain", "--json", settings=settings)
    assert "debit_company_id = (InitPlan" in ran.json["plans"]["always"]
    shown = await crossdock("documents", "show", "ledger.transfer", "--explain", settings=settings)
    assert "ledger_transfers" in shown.output and "cost=" in shown.output


async def test_a_wrong_name_is_told() -> None:
    """Wrong use, with what it may have meant."""
    ran = await crossdock("documents", "show", "bookings.bookin")
    assert (ran.status, ran.output) == (2, "")
    assert "bookings.booking" in ran.errors
