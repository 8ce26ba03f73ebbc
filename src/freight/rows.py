"""Frozen rows: the fields that every row of a company has, and what to do where a row is not there."""

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
    """A row that belongs to one company. `version` counts its changes, from 1, and is its ETag."""

    id: UUID
    company_id: UUID
    created_at: datetime
    updated_at: datetime
    version: int

    @classmethod
    def new(cls, company_id: UUID, now: datetime, details: Mapping[str, Any]) -> Self:
        """A new row with a new key. `details` are the values of the fields that the subclass has."""
        return cls(id=new_id(), company_id=company_id, created_at=now, updated_at=now, version=1, **details)

    def changed(self, now: datetime, details: Mapping[str, Any]) -> Self:
        """The next version of the row, with these details changed."""
        return replace(self, **details, updated_at=now, version=self.version + 1)


def must_exist(row: Row | None) -> Row:
    """Returns the row that a store found. Raises NotFound for None: it does not exist, or the tenant may not see it."""
    if row is None:
        raise NotFound
    return row
