"""What the two stores of companies are compared by beside the traffic: calls that traffic makes seldom."""

from datetime import UTC, datetime

from crossdock.cutover import Case, Moving
from crossdock.ids import new_id
from crossdock.tenancy import Platform
from freight.modules.companies.store import PLATFORM_COMPANY_ID, CompanyKind, CompanyRow, CompanyStore

AT = datetime(2026, 1, 1, 8, 30, 0, 123_456, tzinfo=UTC)


async def join(store: CompanyStore) -> None:
    """A company of each kind, and one that is not there."""
    for kind in (CompanyKind.SHIPPER, CompanyKind.CARRIER, CompanyKind.BOTH):
        row = CompanyRow(new_id(), f"Łódź “{kind}”", kind, AT, AT, 1)
        await store.add(row)
        await store.get(row.id)
        await store.get(row.id, lock=True)
    await store.get(PLATFORM_COMPANY_ID)
    await store.get(new_id())


MOVING = Moving(cases=(Case("join", Platform("exercise companies"), join),))
