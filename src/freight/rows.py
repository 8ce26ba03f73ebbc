"""The frozen row of what a company owns: the fields that every such row has, how it begins and how it changes."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Self, TypeVar
from uuid import UUID

from crossdock.errors import NotFound
from crossdock.ids import new_id

Row = TypeVar("Row")


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnedRow:
    """Of one company. `version` counts the changes, from 1, and is the row's ETag."""

    id: UUID
    company_id: UUID
    created_at: datetime
    updated_at: datetime
    version: int

    @classmethod
    def new(cls, company_id: UUID, now: datetime, details: Mapping[str, Any]) -> Self:
        """With a key of its own. `details` are the fields that the class adds to these."""
        return cls(id=new_id(), company_id=company_id, created_at=now, updated_at=now, version=1, **details)

    def changed(self, now: datetime, details: Mapping[str, Any]) -> Self:
        """The next version, with other details."""
        return replace(self, **details, updated_at=now, version=self.version + 1)


def must_exist(row: Row | None) -> Row:
    """What a store found. Raises NotFound where it found nothing: the row is not there, or not the tenant's to see."""
    if row is None:
        raise NotFound
    return row
