"""What the ledger asks of its store."""

from typing import Protocol


class LedgerStore(Protocol): ...
