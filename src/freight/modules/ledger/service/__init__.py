"""The rules of the ledger, a file a verb. Each works in the caller's transaction and raises its rights by itself."""

from freight.modules.ledger.service.deposit import deposit, deposit_own
from freight.modules.ledger.service.hold import hold
from freight.modules.ledger.service.resolve import void_hold
from freight.modules.ledger.service.settle import settle
from freight.modules.ledger.service.transfer import transfer

__all__ = [
    "deposit",
    "deposit_own",
    "hold",
    "settle",
    "transfer",
    "void_hold",
]
