"""A unique constraint, told as the rule that it keeps."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from crossdock.errors import Conflict
from crossdock.transaction import Transaction
from crossdock.transaction.faults import violated_constraint


@asynccontextmanager
async def unique(tx: Transaction, constraint: str, taken: Conflict) -> AsyncIterator[None]:
    """Raises `taken` when what is written inside breaks `constraint`.

    Asking first would leave a gap between two at once. The savepoint keeps the transaction usable: without it the
    refused row would abort all of it.
    """
    try:
        async with tx.savepoint():
            yield
    except Exception as error:
        if violated_constraint(error) == constraint:
            raise taken from error
        raise
