"""One method of a store in a savepoint that is undone, or kept: what it did, and the rows that it wrote."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from typing import Any, NoReturn

from crossdock.cutover.capture import Capture
from crossdock.cutover.comparison import Call
from crossdock.cutover.keys import Keys, Made
from crossdock.cutover.locks import locks_of
from crossdock.cutover.outcome import Outcome, outcome_of, plain
from crossdock.guards import QueryPerRow, allow
from crossdock.transaction import Transaction

TWICE = "a line sends a statement each time that its call is done"


class _Undone(Exception):
    """Has ended a savepoint."""


def _undo() -> NoReturn:
    raise _Undone


async def undone(
    tx: Transaction,
    keys: Keys,
    call: Call,
    store: Any,
    *,
    limit_s: float | None = None,
    waits: bool = True,
    summed: bool = False,
) -> Outcome:
    """Nothing of it stays. `limit_s` ends what takes longer, as NoAnswer; without `waits` it ends at the first lock of
    another transaction, as an outage. `summed`: with the sums of the rows, as another outcome has them."""
    outcome = Outcome()
    try:
        async with tx.savepoint():
            # What a task of it would send after the savepoint would stay.
            with tx.turn(), allow(QueryPerRow, because=TWICE):
                outcome = await _observed(tx, keys, call, store, limit_s, waits=waits, summed=summed)
            _undo()
    except _Undone:
        return outcome


async def kept(
    tx: Transaction,
    keys: Keys,
    call: Call,
    store: Any,
    unless: Callable[[Outcome], bool] = lambda _: False,
    *,
    summed: bool = False,
) -> Outcome | None:
    """It stays, but for what `unless` says of: then it is undone, and None. It stays too where it raises, as it would
    if nothing was compared: whoever catches the error finds what was written before it. What PostgreSQL has refused is
    undone, or the transaction could do no more."""
    outcome: Outcome | None = None
    try:
        async with tx.savepoint():
            with allow(QueryPerRow, because=TWICE):
                outcome = await _observed(tx, keys, call, store, None, summed=summed)
            if outcome.rows is None or unless(outcome):
                _undo()
    except _Undone:
        return None if outcome is None or unless(outcome) else outcome
    return outcome


async def _observed(
    tx: Transaction,
    keys: Keys,
    call: Call,
    store: Any,
    limit_s: float | None,
    *,
    waits: bool = True,
    summed: bool,
) -> Outcome:
    async def written() -> Any:
        value = await call.of(store)()
        # What is pending is written here, as a part of the call: rows that were added, and what a session holds.
        await tx.flush()
        return value

    capture, sent, emitted, works = Capture(tx, keys), list[str](), len(tx.emitted), tx.works
    await capture.begin(limit_s, waits=waits)
    with tx.logging(sent.append):
        outcome = await outcome_of(written, tx, limit_s=limit_s)
    await asyncio.sleep(0)  # the driver hands over the last text when the loop runs
    made = Made(keys, plain([call.arguments, call.named]))
    outcome = replace(outcome, sent=tuple(sent), made=made)
    try:
        if outcome.error is not None:
            await tx.flush()
        rows = await capture.end(made, summed=summed)
    except (
        Exception
    ) as error:  # PostgreSQL has refused something. It may have swallowed that: the transaction has failed
        return replace(outcome, value=None, error=outcome.error or error)
    return replace(
        outcome,
        rows=rows,
        is_summed=capture.is_summed,
        locks=locks_of(sent),
        events=tuple(tx.emitted[emitted:]),
        settings=capture.settings,
        after_commit=tx.works - works,
    )
