"""What mypy has to refuse: each comment `type: ignore` is an error of `make lint` where there is nothing to ignore.

test_unit.py runs it all: what a type checker is not asked about is refused all the same.
"""

from crossdock.ids import new_id
from crossdock.tenancy import Scope
from crossdock.transaction import Appending, Database, Rows
from crossdock.transaction.reading import Reading
from freight.modules.companies.store import CompanyReads, CompanyRow, CompanyStore


async def a_command_of_a_store(database: Database, scope: Scope, row: CompanyRow) -> None:
    async with database.reading(scope, CompanyReads) as companies:
        await companies.get(row.id)
        await companies.add(row)  # type: ignore[attr-defined]


async def a_lock(database: Database, scope: Scope) -> None:
    async with database.reading(scope, CompanyReads) as companies:
        await companies.get(new_id(), lock=True)  # type: ignore[call-arg]


async def a_row(database: Database, scope: Scope, table: Appending) -> None:
    async with Reading(database.environment, scope, database.platform) as unit:
        unit.add(table, {})  # type: ignore[arg-type]


async def rows(database: Database, scope: Scope, table: Appending) -> None:
    async with Reading(database.environment, scope, database.platform) as unit:
        unit.append(table, [{}])  # type: ignore[arg-type]


async def a_row_of_rows(database: Database, scope: Scope, table: Rows[CompanyRow], row: CompanyRow) -> None:
    async with Reading(database.environment, scope, database.platform) as unit:
        table.add(unit, row)  # type: ignore[arg-type]


async def a_whole_store(database: Database, scope: Scope, row: CompanyRow) -> None:
    """This one mypy lets pass: a store has its reads too. It is refused when the reading begins."""
    async with database.reading(scope, CompanyStore) as companies:
        await companies.add(row)
