"""Writers and readers of the same bookings at once, each of whom counts what came of it."""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from uuid import UUID

from crossdock.cutover.tally import Counts
from crossdock.documents import Page
from crossdock.models.tables import COUNTS
from crossdock.tenancy import Scope
from crossdock.transaction import Database, Transaction
from freight.modules.bookings.store import BookingReads, BookingRow, BookingStatus, BookingStore
from freight.tenancy import CompanyScope
from tests.stores.rows import PLATFORM, booking_row, now, tenant
from tests.stores.test_bookings_store import history_row

HOT, RESTLESS = 6, 3
"""Bookings that all of them write to."""
WRITTEN = """
SELECT version, (SELECT count(*) FROM booking_history h WHERE h.booking_id = b.id) AS changes
FROM bookings b WHERE id = $1
"""
OTHER = {BookingStatus.OPEN: BookingStatus.EXPIRED, BookingStatus.EXPIRED: BookingStatus.OPEN}


@dataclass(frozen=True)
class Field:
    """`drafts` are changed by version, `restless` go to and fro between two states, without a lock before."""

    shippers: Sequence[CompanyScope]
    drafts: Sequence[BookingRow]
    restless: Sequence[BookingRow]


async def field_of(database: Database) -> Field:
    shippers = [await tenant(database, "shipper") for _ in range(2)]
    drafts = [booking_row(shipper) for shipper in shippers for _ in range(HOT // 2)]
    pickup = replace(drafts[0].pickup, ready_at=drafts[0].created_at)
    restless = [booking_row(shippers[0], status=BookingStatus.OPEN, pickup=pickup) for _ in range(RESTLESS)]
    async with database.transaction(PLATFORM) as tx:
        for row in (*drafts, *restless):
            await tx.store(BookingStore).add(row)
    return Field(shippers, drafts, restless)


@dataclass
class Writer:
    """`written` counts, by booking, what this one was told was written."""

    database: Database
    field: Field
    random: random.Random
    written: Counter[UUID] = field(default_factory=Counter)

    async def run(self, rounds: int) -> None:
        verbs: list[Callable[[], Awaitable[None]]] = [
            self.look,
            self.list_,
            self.draft,
            self.amend,
            self.move,
            self.sweep,
        ]
        for _ in range(rounds):
            await self.random.choice(verbs)()

    async def look(self) -> None:
        """One of them, as a row and as a document."""
        row = self._any()
        async with self.database.reading(self._reader(), BookingReads) as bookings:
            await bookings.get(row.id)
        async with self.database.reading(self._reader(), BookingReads) as bookings:
            await bookings.document(row.id)

    async def list_(self) -> None:
        page = Page(self.random.randint(1, 5), self.random.choice([None, self._any().id]))
        status = self.random.choice([None, *OTHER, BookingStatus.DRAFT])
        async with self.database.reading(self._reader(), BookingReads) as bookings:
            await bookings.page(page, status, with_shipper=self.random.random() < 0.5)

    async def draft(self) -> None:
        """A new one."""
        scope = self.random.choice(self.field.shippers)
        row = booking_row(scope)
        async with self.database.transaction(scope) as tx:
            await tx.store(BookingStore).add(row)
            await tx.store(BookingStore).add_history([history_row(row), history_row(row)])

    async def amend(self) -> None:
        """By its version. Half of them hold it before, and the others may come too late."""
        draft = self.random.choice(self.field.drafts)
        async with self.database.transaction(self._owner(draft)) as tx:
            store = tx.store(BookingStore)
            row = await store.get(draft.id, lock=self.random.random() < 0.5)
            assert row is not None
            changed = replace(row, weight_kg=self.random.randint(1, 99), version=row.version + 1, updated_at=now())
            if await store.change(changed, version=row.version):
                await self._note(tx, changed)

    async def move(self) -> None:
        """To the other state, from where it was a moment ago."""
        restless = self.random.choice(self.field.restless)
        async with self.database.transaction(PLATFORM) as tx:
            store = tx.store(BookingStore)
            row = await store.get(restless.id)
            assert row is not None
            moved = replace(row, status=OTHER[row.status], version=row.version + 1, updated_at=now())
            if await store.move(moved, from_status=row.status):
                await self._note(tx, moved)

    async def sweep(self) -> None:
        """Those whose time has passed, without those that another one holds."""
        besides = {self.random.choice(self.field.restless).id}
        async with self.database.transaction(PLATFORM) as tx:
            for row in await tx.store(BookingStore).past_pickup(now(), 2, besides):
                besides.add(row.id)

    async def _note(self, tx: Transaction, row: BookingRow) -> None:
        await tx.store(BookingStore).add_history([history_row(row)])
        self.written[row.id] += 1

    def _any(self) -> BookingRow:
        return self.random.choice([*self.field.drafts, *self.field.restless])

    def _owner(self, row: BookingRow) -> CompanyScope:
        return next(scope for scope in self.field.shippers if scope.company_id == row.company_id)

    def _reader(self) -> Scope:
        return self.random.choice([*self.field.shippers, PLATFORM])


async def write_at_once(database: Database, there: Field, seed: int, writers: int, rounds: int) -> Counter[UUID]:
    """What was written of each booking, as the writers were told."""
    crew = [Writer(database, there, random.Random(f"{seed}/{number}")) for number in range(writers)]
    async with asyncio.TaskGroup() as group:
        for writer in crew:
            group.create_task(writer.run(rounds))
    return sum((writer.written for writer in crew), Counter())


def total(counts: Mapping[str, Counts]) -> Counts:
    """Of all methods."""
    summed = Counts()
    for each in counts.values():
        for name in COUNTS:
            setattr(summed, name, getattr(summed, name) + getattr(each, name))
    return summed


async def need_written_once(database: Database, there: Field, written: Counter[UUID]) -> None:
    """Each change has its row of history, and each of a draft its version."""
    async with database.transaction(PLATFORM) as tx:
        for row in (*there.drafts, *there.restless):
            found = await tx.first(WRITTEN, (row.id,))
            assert found["changes"] == written[row.id]
            assert row in there.restless or found["version"] == row.version + written[row.id]
