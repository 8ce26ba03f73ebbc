"""Runs a kept mismatch again, on the data of now, and shows what each side sends and says. Nothing of it stays."""

from contextlib import suppress
from dataclasses import dataclass, fields
from typing import Any, get_type_hints

from crossdock.cutover.arguments import NotRepeatable, adapted, again
from crossdock.cutover.comparison import Call, found
from crossdock.cutover.difference import Difference
from crossdock.cutover.keys import read_keys
from crossdock.cutover.mismatch import CONTRACT, GIVEN, KIND, PLATFORM, Mismatch
from crossdock.cutover.outcome import Outcome
from crossdock.cutover.rules import moving
from crossdock.cutover.trial import undone
from crossdock.registry import Orm
from crossdock.stages import ModuleState
from crossdock.tenancy import Platform, Scope, Tenancy
from crossdock.transaction import Database
from crossdock.transaction.stores import Choice


@dataclass(frozen=True, slots=True)
class Side:
    """`said` is what the method returned or raised and wrote; `statements` are those it sent, without their values."""

    orm: Orm
    said: dict[str, Any]
    statements: list[str]


@dataclass(frozen=True, slots=True)
class Replay:
    """`differences` are empty where both sides say the same by now."""

    control: Side
    candidate: Side
    differences: tuple[Difference, ...]


class _RolledBack(Exception):
    """Ends the transaction of a replay."""


async def replay(database: Database, mismatch: Mismatch) -> Replay:
    """Both sides in one transaction that sees the data of one moment. Raises NotRepeatable."""
    registry = database.registry
    module = registry.modules[mismatch.module]
    contract = registry.load(module, f"store:{mismatch.arguments[CONTRACT]}")
    named = again(contract, mismatch.method, mismatch.arguments[GIVEN], registry.application.ids)
    scope, control = scope_of(database.tenancy, mismatch.scope), database.stages.of(module.name).control or module.orm
    choice = Choice(contract, ModuleState(module.name, control=control), control, control.other)
    call, rules = Call(choice, scope, mismatch.method, (), named), moving(registry, module)
    tx = database.transaction(scope, while_read_only=True)
    tx.snapshot = True
    with suppress(_RolledBack):
        async with tx:
            keys = await read_keys(tx)
            stores = [registry.implementation(contract, orm)(tx) for orm in (control, control.other)]
            outcomes = [await undone(tx, keys, call, store) for store in stores]
            if len({each.is_summed for each in outcomes}) > 1:  # only one of them wrote too many rows to look at each
                outcomes = [await undone(tx, keys, call, store, summed=True) for store in stores]
            raise _RolledBack
    one, other = outcomes
    return Replay(_side(control, one), _side(control.other, other), found(rules, call, one, other))


def _side(orm: Orm, outcome: Outcome) -> Side:
    return Side(orm, outcome.plain, list(outcome.sent))


def scope_of(tenancy: Tenancy, kept: dict[str, Any]) -> Scope:
    """The scope that a mismatch was found for, without its guard. Raises NotRepeatable."""
    if kept[KIND] == PLATFORM:
        return Platform("run a mismatch again")
    hints = get_type_hints(tenancy.scope)
    names = [each.name for each in fields(tenancy.scope) if each.name in kept]
    try:
        return tenancy.scope(**{name: adapted(hints[name], name, kept[name]) for name in names})
    except TypeError as error:
        raise NotRepeatable(f"The scope cannot be made again: {error}.") from None
