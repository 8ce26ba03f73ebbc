"""What the companies module asks of its store."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

PLATFORM_COMPANY_ID = UUID("00000000-0000-7000-8000-000000000001")
"""The platform's own company, which the first migration makes. Release 0.1 booked fees and deposits on its accounts."""


class CompanyKind(StrEnum):
    SHIPPER = "shipper"
    CARRIER = "carrier"
    BOTH = "both"
    PLATFORM = "platform"


@dataclass(frozen=True, slots=True)
class CompanyRow:
    id: UUID
    name: str
    kind: CompanyKind
    created_at: datetime
    updated_at: datetime
    version: int


class CompanyStore(Protocol):
    async def add(self, row: CompanyRow) -> None:
        """Inserts a company."""
        ...

    async def get(self, company_id: UUID, *, lock: bool = False) -> CompanyRow | None:
        """None for one that does not exist, is deleted, or is not the tenant's. `lock` takes FOR NO KEY UPDATE."""
        ...
