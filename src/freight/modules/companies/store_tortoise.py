"""The companies store, on Tortoise."""

from uuid import UUID

from crossdock.schema.tortoise import insert, one
from crossdock.transaction import Unit
from freight.modules.companies.models_tortoise import Company
from freight.modules.companies.store import CompanyRow


class TortoiseCompanyReads:
    def __init__(self, unit: Unit) -> None:
        """The models find the unit's connection by themselves."""

    async def get(self, company_id: UUID, *, lock: bool = False) -> CompanyRow | None:
        model = await one(Company.filter(id=company_id, deleted_at=None), lock=lock)
        return None if model is None else _row(model)


class TortoiseCompanyStore(TortoiseCompanyReads):
    async def add(self, row: CompanyRow) -> None:
        await insert(Company, row)


def _row(model: Company) -> CompanyRow:
    return CompanyRow(model.id, model.name, model.kind, model.created_at, model.updated_at, model.version)
