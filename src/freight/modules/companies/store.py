"""The contract of the companies store: the row, and what a store of either ORM must do with it."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

PLATFORM_COMPANY_ID = UUID("00000000-0000-7000-8000-000000000001")
"""The platform's own company, which the first migration makes. Release 0.1 booked fees and deposits on its ledger
accounts."""


class CompanyKind(StrEnum):
    """What a company does here. There is one company of the kind `platform`."""

    SHIPPER = "shipper"
    CARRIER = "carrier"
    BOTH = "both"
    PLATFORM = "platform"


@dataclass(frozen=True, slots=True)
class CompanyRow:
    """A tenant of the marketplace, or the platform itself."""

    id: UUID
    name: str
    kind: CompanyKind
    created_at: datetime
    updated_at: datetime
    version: int


class CompanyReads(Protocol):
    """A tenant sees its own company and those that it deals with: row level security decides, not the store."""

    async def get(self, company_id: UUID) -> CompanyRow | None:
        """One company; None where it does not exist, is deleted, or is not visible to the tenant."""
        ...


class CompanyStore(CompanyReads, Protocol):
    """The reads, and the commands, which need a transaction."""

    async def get(self, company_id: UUID, *, lock: bool = False) -> CompanyRow | None:
        """One company; None where it does not exist, is deleted, or is not visible to the tenant.

        `lock` holds it (FOR NO KEY UPDATE) until the end of the transaction.
        """
        ...

    async def add(self, row: CompanyRow) -> None:
        """Inserts a company."""
        ...
