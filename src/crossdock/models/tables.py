"""The library's own tables: the outbox, the answers kept for idempotency keys, the keys that sign scopes, and the state
of each module with what was found while it moves.

Which columns say whose a row is depends on the application's tenancy, so the tables are made for one application.
"""

from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    DateTime,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
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
COUNTS = (
    "same",
    "different",
    "noise",
    "unclear",
    "dropped",
    "control_us",
    "candidate_us",
    "control_statements",
    "candidate_statements",
    "timed",
)
"""Of comparisons. `noise`: the control differed from itself. `unclear`: the data changed between the two answers.
`dropped`: there was no room to compare. `timed`: those whose times are in the sums."""
ZERO = {"timed": text("0")}
"""Defaults of columns that an older release does not know."""
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
        self.module_states = self._module_states()
        self.module_changes = self._module_changes()
        self.module_comparisons = self._module_comparisons()
        self.module_mismatches = self._module_mismatches()

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

    def _module_states(self) -> Table:
        """A row for each module that moves or is read-only (`crossdock.stages.ModuleState`)."""
        return Table(
            "module_states",
            self.metadata,
            Column("module", String(100), nullable=False),
            Column("control", String(20)),
            Column("stage", String(20)),
            Column("share", SmallInteger, nullable=False),
            Column("sample", SmallInteger, nullable=False),
            Column("since", DateTime(timezone=True)),
            Column("read_only", Boolean, nullable=False),
            Column("reason", Text, nullable=False),
            Column("changed_by", Text, nullable=False),
            Column("changed_at", DateTime(timezone=True), nullable=False),
            Column("version", Integer, nullable=False),
            _key(),
            UniqueConstraint("module"),
        )

    def _module_changes(self) -> Table:
        """Each change of a row of `module_states`, as it was after it. Written by that table's trigger."""
        return Table(
            "module_changes",
            self.metadata,
            Column("module", String(100), nullable=False),
            Column("version", Integer, nullable=False),
            Column("state", JSONB(none_as_null=True), nullable=False),
            _key(),
            UniqueConstraint("module", "version"),
        )

    def _module_comparisons(self) -> Table:
        """How often a method of a moving module was compared since its stage began, by all processes together."""
        return Table(
            "module_comparisons",
            self.metadata,
            Column("module", String(100), nullable=False),
            Column("method", String(100), nullable=False),
            Column("since", DateTime(timezone=True), nullable=False),
            *(Column(name, BigInteger, nullable=False, server_default=ZERO.get(name)) for name in COUNTS),
            Column("last_at", DateTime(timezone=True), nullable=False),
            _key(),
            UniqueConstraint("module", "method", "since"),
        )

    def _module_mismatches(self) -> Table:
        """Answers that differ, under the tenant whose they are: so that they can be looked at, and run again."""
        return Table(
            "module_mismatches",
            self.metadata,
            Column("number", BigInteger, Identity(), nullable=False),
            Column("module", String(100), nullable=False),
            Column("method", String(100), nullable=False),
            Column("stage", String(20), nullable=False),
            Column("verdict", String(20), nullable=False),
            *self._of_tenant(nullable=True),
            Column("scope", JSONB(none_as_null=True), nullable=False),
            Column("arguments", JSONB(none_as_null=True), nullable=False),
            Column("differences", JSONB(none_as_null=True), nullable=False),
            Column("created_at", DateTime(timezone=True), nullable=False),
            _key(),
            UniqueConstraint("number"),
            Index("ix_module_mismatches_module_number", "module", "number"),
        )


def _key() -> Column[Any]:
    return Column("id", Uuid, primary_key=True, default=new_id)
