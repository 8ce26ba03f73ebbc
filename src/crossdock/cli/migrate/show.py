"""How the migrations look in a terminal, and as JSON."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from rich.markup import escape

from crossdock.cli.output import emit, say, table
from crossdock.migrations.preview.trace import TakenLock, in_words
from crossdock.migrations.status import ChainStatus
from crossdock.sql.modes import ROWS

COLOURS = {"nobody": "dim", ROWS: "yellow", "writes": "yellow", "reads and writes": "red"}


def show_status(
    chains: Sequence[ChainStatus],
    database: dict[str, Any],
    *,
    as_json: bool,
    locks: Sequence[TakenLock] | None = None,
) -> None:
    """Where each chain stands, and on which database; `locks` are those of a run that was traced."""
    is_current = all(chain.is_current for chain in chains)
    if as_json:
        traced = {} if locks is None else {"locks": [_lock_json(lock) for lock in locks]}
        emit({"current": is_current, **database, "chains": [asdict(chain) for chain in chains], **traced})
        return
    if locks is not None:
        _show_locks(locks)
    rows = [
        (chain.name, chain.tool, _names(chain.applied), _names(chain.pending), _names(chain.unknown))
        for chain in chains
    ]
    mark = ", marked as production" if database["production"] else ""
    title = f"Migrations of {database['database']}, schema {database['schema']} ({database['server']}{mark})"
    table(escape(title), ("chain", "tool", "applied", "pending", "unknown"), rows)
    for problem in (problem for chain in chains for problem in chain.problems):
        say(f"[red]{escape(problem)}[/]")
    if is_current:
        say("All chains are at their heads.")
    elif not any(chain.problems for chain in chains):
        say("Next: `crossdock migrate plan`, then `crossdock migrate up`.")


def _show_locks(locks: Sequence[TakenLock]) -> None:
    if not locks:
        say("No lock was taken on a table that was there before.")
    for lock in locks:
        say(f"[{COLOURS[lock.mode.blocks]}]{escape(in_words(lock))}[/]")


def _lock_json(lock: TakenLock) -> dict[str, Any]:
    return asdict(lock) | {"mode": lock.mode.label, "blocks": lock.mode.blocks}


def _names(revisions: Sequence[str]) -> str:
    return "\n".join(revisions) or "-"
