"""The library's own tables: the outbox, the answers kept for idempotency keys, and the keys that sign scopes.

Which columns say whose a row is depends on the application's tenancy, so the tables are made for one application.
"""

from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Column,
    DateTime,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    Uuid,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from crossdock.ids import Ids, new_id
from crossdock.models.base import NAMES
from crossdock.models.names import OWN_TABLES
from crossdock.tenancy import Tenancy

__all__ = ["OWN_TABLES", "OwnTables"]

ID_TYPES: dict[str, Any] = {"uuid": Uuid, "bigint": BigInteger, "text": Text}
COLUMN_TYPES: dict[type, Any] = {UUID: Uuid, int: BigInteger, str: Text}


class OwnTables:
    """Those of one application, in a metadata of their own: no migration tool takes them for the application's."""

    def __init__(self, tenancy: Tenancy, ids: Ids = "uuid") -> None:
        self.metadata = MetaData(naming_convention=NAMES)
        self._tenancy = tenancy
        self._id = ID_TYPES[ids]
        self.outbox = self._outbox()
        self.idempotency_keys = self._idempotency_keys()
        self.tenancy_keys = self._tenancy_keys()

    @classmethod
    @lru_cache(maxsize=16)
    def of(cls, application: Any) -> "OwnTables":
        """Those of an application (`crossdock.application.Application`)."""
        return cls(application.tenancy_object, application.ids)

    def _of_tenant(self, *, nullable: bool) -> list[Column[Any]]:
        """The columns that say whose a row is."""
        columns = self._tenancy.columns.items()
        return [Column(name, COLUMN_TYPES[kind], nullable=nullable) for name, kind in columns]

    def _outbox(self) -> Table:
        """Events, each written in the transaction of its effect. `published_at` is the relay's."""
        return Table(
            "outbox",
            self.metadata,
            Column("type", String(100), nullable=False),
            Column("subject_id", self._id, nullable=False),
            *self._of_tenant(nullable=True),
            Column("actor_id", self._id),
            Column("payload", JSONB(none_as_null=True), nullable=False),
            Column("created_at", DateTime(timezone=True), nullable=False),
            Column("published_at", DateTime(timezone=True)),
            _key(),
            Index("ix_outbox_unpublished", "id", postgresql_where=text("published_at IS NULL")),
        )

    def _idempotency_keys(self) -> Table:
        """The answers that were given to requests with an Idempotency-Key, each written in the transaction of its
        effect."""
        return Table(
            "idempotency_keys",
            self.metadata,
            *self._of_tenant(nullable=False),
            Column("key", String(200), nullable=False),
            Column("request_hash", LargeBinary, nullable=False),
            Column("status", Integer, nullable=False),
            Column("headers", JSONB(none_as_null=True), nullable=False),
            Column("body", LargeBinary, nullable=False),
            Column("created_at", DateTime(timezone=True), nullable=False),
            _key(),
            UniqueConstraint(*self._tenancy.columns, "key"),
            Index("ix_idempotency_keys_created_at", "created_at"),
        )

    def _tenancy_keys(self) -> Table:
        """What tenants' scopes are signed with (`tenancy/signer.py`). The newest signs, all of them are believed."""
        return Table(
            "tenancy_keys",
            self.metadata,
            Column("secret", LargeBinary, nullable=False),
            Column("created_at", DateTime(timezone=True), nullable=False),
            _key(),
        )


def _key() -> Column[Any]:
    return Column("id", Uuid, primary_key=True, default=new_id)
