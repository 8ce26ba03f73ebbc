"""A mismatch as it is kept: whose call it was, with what, and what differed."""

from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime
from typing import Any

import asyncpg
import orjson

from crossdock.cutover.arguments import kept
from crossdock.cutover.comparison import Comparison
from crossdock.cutover.difference import MASK, is_secret, masked
from crossdock.cutover.outcome import plain
from crossdock.tenancy import Platform, Tenancy

PLATFORM, TENANT = "platform", "tenant"
KIND, CONTRACT, GIVEN = "kind", "contract", "given"
COLUMNS = "number, module, method, stage, verdict, scope, arguments, differences, created_at"
MISMATCHES = f"SELECT {COLUMNS} FROM module_mismatches WHERE module = $1 ORDER BY number DESC LIMIT $2"  # noqa: S608
MISMATCH = f"SELECT {COLUMNS} FROM module_mismatches WHERE number = $1"  # noqa: S608  columns of our own


@dataclass(frozen=True, slots=True)
class Mismatch:
    """`arguments` are the contract and what its method was called with, `scope` is for whom, both in JSON's types.

    A value whose name is that of a secret is masked: a call with one cannot be run again.
    """

    number: int
    module: str
    method: str
    stage: str
    verdict: str
    scope: dict[str, Any]
    arguments: dict[str, Any]
    differences: list[dict[str, Any]]
    created_at: datetime


def mismatch_of(row: asyncpg.Record) -> Mismatch:
    """Of a row with those columns."""
    return Mismatch(**{name: orjson.loads(value) if name in _JSON else value for name, value in row.items()})


_JSON = ("scope", "arguments", "differences")


def row_of(comparison: Comparison, tenancy: Tenancy, secrets: tuple[str, ...], now: datetime) -> dict[str, Any]:
    """As a row of `module_mismatches`."""
    call = comparison.call
    contract = call.choice.contract
    given = {CONTRACT: contract.__name__, GIVEN: kept(contract, call.method, call.arguments, call.named)}
    return {
        "module": call.module,
        "method": call.method,
        "stage": str(call.choice.state.stage),
        "verdict": comparison.verdict.value,
        **tenancy.key_of(call.scope),
        "scope": _scope(call.scope),
        "arguments": masked(given, secrets),
        "differences": [_safe(each.plain, secrets) for each in comparison.differences],
        "created_at": now,
    }


def _safe(difference: dict[str, Any], secrets: tuple[str, ...]) -> dict[str, Any]:
    if any(is_secret(part, secrets) for part in difference["path"].split(".")):
        return {"path": difference["path"], "control": MASK, "candidate": MASK}
    safe: dict[str, Any] = masked(difference, secrets)
    return safe


def _scope(scope: Any) -> dict[str, Any]:
    """The tenant's fields, or the platform's reason; never the guard, whose arguments are somebody's session."""
    assert is_dataclass(scope)
    names = [each.name for each in fields(scope) if each.name != "guard"]
    kind = PLATFORM if isinstance(scope, Platform) else TENANT
    return {KIND: kind} | {name: plain(getattr(scope, name)) for name in names}
