"""Random rows of every table that a document reads."""

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from hypothesis import strategies as st
from sqlalchemy import MetaData, Table, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from crossdock.ids import new_id
from crossdock.transaction import Transaction
from freight.modules.bids.store import BidStatus
from freight.modules.bookings.store import BookingStatus, Equipment
from freight.modules.companies.api import CompanyKind
from freight.modules.ledger.store import AccountKind, TransferKind
from freight.money import MAX_AMOUNT_MINOR

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=30)
TIMES = st.datetimes(datetime(2000, 1, 2), datetime(2199, 1, 1), timezones=st.just(UTC)) | st.just(
    datetime(2026, 11, 21, 8, tzinfo=UTC)
)
AMOUNTS = st.integers(1, MAX_AMOUNT_MINOR)
SIGNED = st.integers(-MAX_AMOUNT_MINOR, MAX_AMOUNT_MINOR).filter(bool)
VERSIONS = st.integers(1, 2**31 - 1)
IDS = st.builds(new_id)
STAMPS = {"created_at": TIMES, "updated_at": TIMES}


def some(rows: dict[str, Any], least: int = 0, most: int = 5) -> st.SearchStrategy[list[dict[str, Any]]]:
    return st.lists(st.fixed_dictionaries({"id": IDS, **rows}), min_size=least, max_size=most)


def words(enum: Any) -> st.SearchStrategy[str]:
    return st.sampled_from([word.value for word in enum])


COMPANIES = some({**STAMPS, "version": VERSIONS, "name": TEXTS, "kind": words(CompanyKind)}, 3, 3)
BOOKINGS = some(
    {
        **STAMPS,
        "version": VERSIONS,
        "status": words((BookingStatus.DRAFT, BookingStatus.OPEN, BookingStatus.EXPIRED)),
        "pickup_address": TEXTS,
        "pickup_lat": st.floats(-90, 90),
        "pickup_lon": st.floats(-180, 180),
        "pickup_ready_at": st.just(datetime(2000, 1, 1, tzinfo=UTC)),
        "dropoff_address": TEXTS,
        "dropoff_lat": st.floats(-90, 90),
        "dropoff_lon": st.floats(-180, 180),
        "dropoff_due_at": TIMES,
        "weight_kg": VERSIONS,
        "equipment": words(Equipment),
        "price_ceiling_minor": AMOUNTS,
        "currency": st.sampled_from(["EUR", "JPY"]),
    }
)
BID = {
    **STAMPS,
    "version": VERSIONS,
    "status": words((BidStatus.WITHDRAWN, BidStatus.REJECTED, BidStatus.DECLINED)),
    "amount_minor": AMOUNTS,
    "currency": st.sampled_from(["EUR", "JPY"]),
    "pickup_eta": TIMES,
    "award_expires_at": st.none() | TIMES,
}
BIDS, ONE_BID = some(BID), some(BID, 1, 1)
TRANSFERS = some(
    {
        "kind": words(TransferKind),
        "reference": st.builds(lambda words: f"{words} {new_id()}", TEXTS),
        "subject_id": st.none() | IDS,
        "amount_minor": AMOUNTS,
        "is_pending": st.booleans(),
        "expires_at": st.none() | TIMES,
        "created_at": TIMES,
    }
)
RESOLUTIONS = some(
    {
        "outcome": st.sampled_from(["posted", "voided", "expired"]),
        "amount_minor": AMOUNTS,
        "actor_id": st.none() | IDS,
        "created_at": TIMES,
    },
    most=1,
)
ENTRIES = some({"amount_minor": SIGNED, "balance_after_minor": SIGNED, "created_at": TIMES})
BALANCES = st.fixed_dictionaries(
    {"id": IDS, **dict.fromkeys(("posted_minor", "pending_out_minor", "pending_in_minor"), AMOUNTS)}
    | {"version": VERSIONS, **STAMPS}
)


class Written:
    """Random rows of every table that a document reads, and their keys by the parameter that asks for them."""

    def __init__(self, tx: Transaction, draw: Any) -> None:
        self.tx, self.draw = tx, draw
        self.keys: dict[str, list[UUID]] = {}
        self.numbers: list[int] = []

    async def write(self) -> None:
        """Bookings of several companies with their bids, and the books of one."""
        firms = self.keys["company_id"] = await self._add("companies", self.draw(COMPANIES))
        bookings = [row | {"company_id": self.one_of(firms)} | self._award(firms) for row in self.draw(BOOKINGS)]
        self.keys["booking_id"] = await self._add("bookings", bookings)
        for booking in bookings:
            await self._write_bids(booking, firms)
        await self._write_books(firms[0])

    def one_of(self, things: list[Any]) -> Any:
        return self.draw(st.sampled_from(things))

    def _award(self, firms: list[UUID]) -> dict[str, Any]:
        return award(self.one_of([None, *firms]))

    async def _write_bids(self, booking: dict[str, Any], firms: list[UUID]) -> None:
        """Whoever carries it has bid for it: every deal begins with a bid."""
        named = {"booking_id": booking["id"], "shipper_id": booking["company_id"]}
        carriers = [firm for firm in firms if firm != booking["company_id"]]
        bids = [row | named | {"company_id": self.one_of(carriers)} for row in self.draw(BIDS)]
        if booking["carrier_id"] in carriers:
            bids += [row | named | {"company_id": booking["carrier_id"]} for row in self.draw(ONE_BID)]
        await self._add("bids", bids)

    async def _write_books(self, firm: UUID) -> None:
        whose = {"company_id": firm, "may_go_negative": True}
        kinds = [(kind.value, currency) for kind in AccountKind for currency in ("EUR", "JPY")]
        opened = [whose | {"kind": kind, "currency": currency, **self.draw(BALANCES)} for kind, currency in kinds]
        accounts = self.keys["account_id"] = await self._add("ledger_accounts", opened)
        sides = {"debit_account_id": accounts[0], "credit_account_id": accounts[1], "currency": "EUR"}
        parties = {"debit_company_id": firm, "credit_company_id": firm}
        transfers = [row | sides | parties for row in self.draw(TRANSFERS)]
        self.keys["transfer_id"] = await self._add("ledger_transfers", transfers)
        for transfer in self.keys["transfer_id"]:
            resolutions = [row | parties | {"transfer_id": transfer} for row in self.draw(RESOLUTIONS)]
            await self._add("ledger_resolutions", resolutions)
            await self._write_entries(firm, accounts, transfer)

    async def _write_entries(self, firm: UUID, accounts: list[UUID], transfer: UUID) -> None:
        """Numbered without regard to their ids, over the accounts."""
        named = {"company_id": firm, "transfer_id": transfer}
        for row in self.draw(ENTRIES):
            self.numbers.append(number := self.draw(st.integers(0, 2**40).filter(lambda n: n not in self.numbers)))
            await self._add(
                "ledger_entries", [row | named | {"account_id": self.one_of(accounts[:2]), "account_version": number}]
            )

    async def _add(self, table: str, rows: list[dict[str, Any]]) -> list[UUID]:
        return await add(self.tx, table, rows)


async def add(tx: Transaction, table: str, rows: list[dict[str, Any]]) -> list[UUID]:
    """Inserts rows, in an order that is not that of their ids."""
    if rows:
        await tx.sql.execute(insert(await reflected(tx.sql, table)), rows[::-1])
    return [row["id"] for row in rows]


def award(carrier_id: UUID | None) -> dict[str, Any]:
    """What a booking has, and has not, by whether it is awarded."""
    if carrier_id is None:
        return {"carrier_id": None, "awarded_bid_id": None}
    return {"carrier_id": carrier_id, "awarded_bid_id": new_id(), "status": "awarded"}


TABLES = MetaData()


async def reflected(sql: AsyncConnection, table: str) -> Table:
    """The table as the database has it, whichever ORM's it is."""
    return await sql.run_sync(lambda sync: Table(table, TABLES, autoload_with=sync, resolve_fks=False))
