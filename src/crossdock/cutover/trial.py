"""One method of a store in a savepoint that is undone, or kept: what it did, and the rows that it wrote."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any, NoReturn

from crossdock.cutover.capture import Capture, Keys, TooMuch
from crossdock.cutover.comparison import Call
from crossdock.cutover.outcome import Outcome, outcome_of
from crossdock.transaction import Transaction

SECOND_MS = 1_000
SECOND_US = 1_000_000


class _Undone(Exception):
    """Has ended a savepoint."""


def _undo() -> NoReturn:
    raise _Undone


async def undone(tx: Transaction, keys: Keys, call: Call, store: Any, *, limit_s: float | None = None) -> Outcome:
    """Nothing of it stays. `limit_s` ends what takes longer, as a TimeoutError that it raised."""
    outcome = Outcome()
    try:
        async with tx.savepoint():
            outcome = await _observed(tx, keys, call, store, limit_s)
            _undo()
    except _Undone:
        return outcome


async def kept(
    tx: Transaction, keys: Keys, call: Call, store: Any, unless: Callable[[Outcome], bool] = lambda _: False
) -> Outcome | None:
    """It stays, but for what raises, and what `unless` says of: then it is undone, and None."""
    outcome: Outcome | None = None
    try:
        async with tx.savepoint():
            outcome = await _observed(tx, keys, call, store, None)
            if outcome.error is not None or unless(outcome):
                _undo()
    except _Undone:
        return None if outcome is None or unless(outcome) else outcome
    return outcome


async def _observed(tx: Transaction, keys: Keys, call: Call, store: Any, limit_s: float | None) -> Outcome:
    capture = Capture(tx, keys)
    await capture.begin(statement_timeout_ms=None if limit_s is None else int(limit_s * SECOND_MS))
    outcome = await _outcome(tx, call, store, limit_s)
    if outcome.error is not None:
        return outcome
    try:
        return replace(outcome, rows=await capture.end())
    except TooMuch:
        return outcome


async def _outcome(tx: Transaction, call: Call, store: Any, limit_s: float | None) -> Outcome:
    try:
        async with asyncio.timeout(limit_s):
            # Rows that were added, and what a session holds, are written by the flush.
            return await outcome_of(call.of(store), lambda: tx.statements, finish=tx.flush)
    except TimeoutError as error:
        return Outcome(error=error, us=int((limit_s or 0) * SECOND_US))
