"""The kernel's own tables: the outbox, the answers kept for idempotency keys, and the keys that sign scopes."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, LargeBinary, String, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from crossdock.models.base import Base, Keyed
from crossdock.models.names import KERNEL_TABLES

__all__ = ["KERNEL_TABLES", "IdempotencyRow", "OutboxRow", "TenancyKey"]


class OutboxRow(Keyed, Base):
    """An event, written in the transaction of its effect. `published_at` is the relay's."""

    __tablename__ = "outbox"
    __table_args__ = (Index("ix_outbox_unpublished", "id", postgresql_where=text("published_at IS NULL")),)

    type: Mapped[str] = mapped_column(String(100))
    subject_id: Mapped[UUID]
    company_id: Mapped[UUID | None]
    actor_id: Mapped[UUID | None]
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB(none_as_null=True))
    created_at: Mapped[datetime]
    published_at: Mapped[datetime | None]


class IdempotencyRow(Keyed, Base):
    """The answer that was given to an Idempotency-Key, written in the transaction of its effect."""

    __tablename__ = "idempotency_keys"
    __table_args__ = (
        UniqueConstraint("company_id", "key"),
        Index("ix_idempotency_keys_created_at", "created_at"),
    )

    company_id: Mapped[UUID]
    key: Mapped[str] = mapped_column(String(200))
    request_hash: Mapped[bytes] = mapped_column(LargeBinary)
    status: Mapped[int]
    headers: Mapped[dict[str, str]] = mapped_column(JSONB(none_as_null=True))
    body: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]


class TenancyKey(Keyed, Base):
    """What tenants' scopes are signed with (`kernel/tenancy/signer.py`). The newest signs, all of them are believed."""

    __tablename__ = "tenancy_keys"

    secret: Mapped[bytes] = mapped_column(LargeBinary)
    created_at: Mapped[datetime]
