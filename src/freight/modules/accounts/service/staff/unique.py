"""Turning the violation of a unique constraint into an error of the business."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from crossdock.errors import Conflict
from crossdock.transaction import Transaction
from crossdock.transaction.faults import violated_constraint


@asynccontextmanager
async def unique(tx: Transaction, constraint: str, taken: Conflict) -> AsyncIterator[None]:
    """Raises `taken` where a statement in the block violates `constraint`.

    A SELECT before the INSERT would not be enough: two requests at once could both find the name free.
    """
    # Without the savepoint the refused row would abort the whole transaction, and nothing could follow it.
    try:
        async with tx.savepoint():
            yield
    except Exception as error:
        if violated_constraint(error) == constraint:
            raise taken from error
        raise
