"""The ledger's tables, in SQLAlchemy. Triggers refuse to change or delete transfers, resolutions and entries."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from crossdock.models.base import Base, Keyed
from crossdock.models.foreign import foreign_table

foreign_table(Base.metadata, "companies")

UNUSED = ("expires_at", "reverses_id")
"""Columns of transfers that nothing writes or reads any more. Release 0.1 names them in its statements and may run
beside this one, so the release after this one drops them."""


class Account(Keyed, Base):
    """A company's money of one kind in one currency. `posted - pending_out` is what it may spend."""

    __tablename__ = "ledger_accounts"
    __table_args__ = (
        UniqueConstraint("company_id", "kind", "currency"),
        CheckConstraint("may_go_negative OR posted_minor - pending_out_minor >= 0", name="covered"),
        CheckConstraint("pending_out_minor >= 0 AND pending_in_minor >= 0", name="pending"),
    )

    company_id: Mapped[UUID] = mapped_column(ForeignKey("companies.id", ondelete="RESTRICT"))
    kind: Mapped[str] = mapped_column(String(20))
    currency: Mapped[str] = mapped_column(String(3))
    posted_minor: Mapped[int] = mapped_column(BigInteger)
    pending_out_minor: Mapped[int] = mapped_column(BigInteger)
    pending_in_minor: Mapped[int] = mapped_column(BigInteger)
    may_go_negative: Mapped[bool]
    version: Mapped[int] = mapped_column(BigInteger)
    """The number of the account's last entry, 0 before the first: entries have no gap."""
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class Transfer(Keyed, Base):
    """An amount from one account to another, posted at once or held until it is resolved. Immutable."""

    __tablename__ = "ledger_transfers"
    __table_args__ = (
        UniqueConstraint("reference"),
        UniqueConstraint("reverses_id"),
        CheckConstraint("amount_minor > 0", name="amount"),
        CheckConstraint("debit_account_id <> credit_account_id", name="two_accounts"),
        Index("ix_ledger_transfers_debit_account_id", "debit_account_id"),
        Index("ix_ledger_transfers_credit_account_id", "credit_account_id"),
        Index("ix_ledger_transfers_subject_id", "subject_id"),
        Index("ix_ledger_transfers_expires_at", "expires_at", postgresql_where=text("expires_at IS NOT NULL")),
    )

    kind: Mapped[str] = mapped_column(String(20))
    """deposit, hold, settlement or fee."""
    reference: Mapped[str] = mapped_column(String(200))
    """What it is for, said once: a second transfer of the same reference is the first one, or refused."""
    subject_id: Mapped[UUID | None]
    """The booking, for a hold and what follows from it."""
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    currency: Mapped[str] = mapped_column(String(3))
    debit_account_id: Mapped[UUID] = mapped_column(ForeignKey("ledger_accounts.id", ondelete="RESTRICT"))
    credit_account_id: Mapped[UUID] = mapped_column(ForeignKey("ledger_accounts.id", ondelete="RESTRICT"))
    debit_company_id: Mapped[UUID]
    credit_company_id: Mapped[UUID]
    is_pending: Mapped[bool]
    """It began as a hold. Whether it still is one, its resolution says."""
    expires_at: Mapped[datetime | None]
    reverses_id: Mapped[UUID | None] = mapped_column(ForeignKey("ledger_transfers.id", ondelete="RESTRICT"))
    created_at: Mapped[datetime]


class Resolution(Keyed, Base):
    """How a hold ended: posted (whole or part), voided or expired. One per hold, by the unique constraint."""

    __tablename__ = "ledger_resolutions"
    __table_args__ = (
        UniqueConstraint("transfer_id"),
        CheckConstraint("amount_minor >= 0", name="amount"),
        CheckConstraint("outcome IN ('posted', 'voided', 'expired')", name="outcome"),
    )

    transfer_id: Mapped[UUID] = mapped_column(ForeignKey("ledger_transfers.id", ondelete="RESTRICT"))
    outcome: Mapped[str] = mapped_column(String(20))
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    debit_company_id: Mapped[UUID]
    credit_company_id: Mapped[UUID]
    actor_id: Mapped[UUID | None]
    created_at: Mapped[datetime]


class Entry(Keyed, Base):
    """One side of a posted transfer: what an account's balance became, and its number in the account."""

    __tablename__ = "ledger_entries"
    __table_args__ = (
        UniqueConstraint("account_id", "account_version"),
        CheckConstraint("amount_minor <> 0", name="amount"),
        Index("ix_ledger_entries_transfer_id", "transfer_id"),
    )

    account_id: Mapped[UUID] = mapped_column(ForeignKey("ledger_accounts.id", ondelete="RESTRICT"))
    transfer_id: Mapped[UUID] = mapped_column(ForeignKey("ledger_transfers.id", ondelete="RESTRICT"))
    company_id: Mapped[UUID]
    amount_minor: Mapped[int] = mapped_column(BigInteger)
    """Signed: below zero leaves the account."""
    balance_after_minor: Mapped[int] = mapped_column(BigInteger)
    account_version: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[datetime]
