"""The rules of the ledger, one file for each verb. Each takes the platform's rights, in the caller's transaction."""

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
