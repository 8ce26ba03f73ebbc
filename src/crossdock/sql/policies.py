"""Policies as the revisions made them, and whether one lets no more through than another."""

from dataclasses import dataclass
from typing import Any

from postgast import pg_query_pb2 as pg

from crossdock.sql.statement import Statement

PUBLIC = frozenset(["public"])


@dataclass(frozen=True)
class Policy:
    """`using` and `check` are parse trees, None where there is none; ALTER POLICY says only what it changes."""

    is_permissive: bool
    roles: frozenset[str]
    using: Any = None
    check: Any = None

    def altered(self, change: "Policy") -> "Policy":
        return Policy(
            self.is_permissive, change.roles or self.roles, change.using or self.using, change.check or self.check
        )


def policy_of(statement: Statement) -> Policy:
    """From CREATE POLICY or ALTER POLICY."""
    node = statement.node
    roles = frozenset(item.role_spec.rolename or "public" for item in node.roles)
    using = node.qual if node.HasField("qual") else None
    check = node.with_check if node.HasField("with_check") else None
    is_made = statement.kind == "create_policy_stmt"
    return Policy(bool(node.permissive) if is_made else True, roles or (PUBLIC if is_made else roles), using, check)


def is_tighter(old: Policy, new: Policy) -> bool:
    """Is every row that the new one lets through one of the old's? Only where that can be read from the words."""
    if new.roles - old.roles and "public" not in old.roles:
        return False
    whole = old.altered(new)
    return _implies(whole.using, old.using) and _implies(whole.check, old.check)


def _implies(new: Any, old: Any) -> bool:
    """Each part of what was asked is asked still: one of those joined by OR is enough for all of them."""
    if old is None:
        return True
    if new is None:
        return False
    asked = [_words(part) for part in _parts(new, pg.AND_EXPR)]
    return all(
        any(_words(either) in asked for either in (part, *_parts(part, pg.OR_EXPR)))
        for part in _parts(old, pg.AND_EXPR)
    )


def _parts(expression: Any, kind: int) -> list[Any]:
    if expression.WhichOneof("node") == "bool_expr" and expression.bool_expr.boolop == kind:
        return [part for each in expression.bool_expr.args for part in _parts(each, kind)]
    return [expression]


def _words(expression: Any) -> str:
    """The same for the same expression, wherever it stands in its text."""
    lines = str(expression).splitlines()
    return "\n".join(line for line in lines if not line.strip().startswith("location:"))
