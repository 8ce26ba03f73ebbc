"""Ledger: double entry over every company's money."""

from crossdock.registry import Module, Orm
from freight.modules.ledger.config import LedgerSettings

MODULE = Module(
    name="ledger",
    orm=Orm.SQLALCHEMY,
    summary="double entry over every company's money: deposits, holds, settlements",
    tables=("ledger_accounts", "ledger_transfers", "ledger_resolutions", "ledger_entries"),
    store="LedgerStore",
    router="routes:router",
    tags={"ledger": "Wallets, what is held of them, and every transfer: double entry."},
    events=("TransferPosted", "TransferHeld", "TransferResolved"),
    settings=LedgerSettings,
)
