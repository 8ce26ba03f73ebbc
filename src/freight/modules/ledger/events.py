"""The events of the ledger, which are written to the outbox."""

from dataclasses import dataclass
from typing import ClassVar

from crossdock.events import Event
from freight.modules.ledger.store import TransferKind, TransferStatus
from freight.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferPosted(Event):
    """Money moved, without a hold before it."""

    type: ClassVar[str] = "ledger.posted"
    kind: TransferKind
    reference: str
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferHeld(Event):
    """An amount is set aside until it is resolved."""

    type: ClassVar[str] = "ledger.held"
    kind: TransferKind
    reference: str
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferResolved(Event):
    """A hold ended. `posted` is what moved of it: zero when it was voided or expired."""

    type: ClassVar[str] = "ledger.resolved"
    outcome: TransferStatus
    posted: Money
