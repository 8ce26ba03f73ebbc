"""Rules about the session that a revision runs in: its limits are the runner's, and its role is the owner."""

from collections.abc import Iterator
from typing import Any

from postgast import pg_query_pb2 as pg

from crossdock.migrations.lint.case import Case
from crossdock.migrations.lint.finding import Problem

LIMITS = {
    *("lock_timeout", "statement_timeout", "transaction_timeout", "deadlock_timeout"),
    *("idle_in_transaction_session_timeout", "idle_session_timeout"),
}
CHECKS = {"session_replication_role", "row_security"}
ROLES = {"role", "session_authorization"}


def runner_settings(case: Case) -> Iterator[Problem]:
    """Traffic queues behind a lock for as long as the statement waits, and nobody set an end to that."""
    for name in _set(case):
        if name in LIMITS | {"all"}:
            what = f"The runner sets the limits of every step, and this changes {_spelled(name)} for all that follows."
            yield Problem(what, "Take it out: CROSSDOCK_MIGRATIONS__LOCK_TIMEOUT_MS and _STATEMENT_TIMEOUT_MS set it.")
        elif name in CHECKS:
            what = f"{name} turns off triggers, foreign keys or policies for all that follows."
            yield Problem(what, "Take it out: what they refuse is not right.")
        elif name == "search_path":
            yield Problem(
                "The tables of all that follows, the version table among them, are looked up elsewhere.",
                "Take it out, and name the schema where it is another.",
            )


def another_role(case: Case) -> Iterator[Problem]:
    """What follows is made by another role: it owns that, or has no right to write the version table."""
    for name in _set(case):
        if name in ROLES:
            yield Problem(
                "What follows is done, and owned, by another role than the one that migrates.",
                "Take it out: the owner of the tables migrates them, and GRANT gives others what they need.",
            )


def _spelled(name: str) -> str:
    return "every setting" if name == "all" else name


def _set(case: Case) -> Iterator[str]:
    """The settings that a statement changes: by SET, RESET, set_config(), or for a role or a database."""
    node, kind = case.node, case.statement.kind
    if kind == "discard_stmt":
        yield "all"
    elif kind == "variable_set_stmt":
        yield _name(node)
    elif kind in ("alter_role_set_stmt", "alter_database_set_stmt"):
        yield _name(node.setstmt)
    else:
        for call in case.statement.nodes:
            if isinstance(call, pg.FuncCall) and call.funcname[-1].string.sval == "set_config" and call.args:
                yield call.args[0].a_const.sval.sval.lower()


def _name(node: Any) -> str:
    return "all" if node.kind == pg.VAR_RESET_ALL else node.name.lower()
