"""The rules of the ledger, a file a verb. Each works in the caller's transaction and raises its rights by itself."""

from crossdock.modules.ledger.service.deposit import deposit, deposit_own
from crossdock.modules.ledger.service.hold import hold
from crossdock.modules.ledger.service.resolve import void_hold
from crossdock.modules.ledger.service.settle import settle
from crossdock.modules.ledger.service.transfer import transfer

__all__ = [
    "deposit",
    "deposit_own",
    "hold",
    "settle",
    "transfer",
    "void_hold",
]
