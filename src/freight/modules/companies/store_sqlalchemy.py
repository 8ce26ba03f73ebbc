"""The companies store, on SQLAlchemy: Core statements, compiled once."""

from collections.abc import Mapping
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Table, bindparam, select

from crossdock.driver.compiled import compiled
from crossdock.transaction import Appending, Transaction, Unit
from crossdock.transaction.given import columns
from freight.modules.companies.models_sqlalchemy import Company
from freight.modules.companies.store import CompanyKind, CompanyRow

COMPANIES = Appending(Company)

_table = cast(Table, Company.__table__)
# What is deleted stays, for the history of others, and is found by nobody.
_one = select(_table).where(Company.id == bindparam("wanted"), Company.deleted_at.is_(None))
GET = compiled(_one)
LOCK = compiled(_one.with_for_update(key_share=True))


class SqlAlchemyCompanyReads:
    def __init__(self, unit: Unit) -> None:
        self._unit = unit

    async def get(self, company_id: UUID, *, lock: bool = False) -> CompanyRow | None:
        found = await self._unit.rows(LOCK if lock else GET, wanted=company_id)
        return _row(found[0]) if found else None


class SqlAlchemyCompanyStore(SqlAlchemyCompanyReads):
    def __init__(self, tx: Transaction) -> None:
        super().__init__(tx)
        self._tx = tx

    async def add(self, row: CompanyRow) -> None:
        self._tx.add(COMPANIES, columns(row) | {"deleted_at": None})


def _row(found: Mapping[str, Any]) -> CompanyRow:
    at = found["created_at"], found["updated_at"]
    return CompanyRow(found["id"], found["name"], CompanyKind(found["kind"]), *at, found["version"])
