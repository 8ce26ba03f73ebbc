"""How PostgreSQL is told on whose behalf it works. A tenant is never set for longer than a transaction.

A transaction begins with a string of the simple protocol: BEGIN, role, company, and the question of the scope's guard,
in one round trip. A document, which is one statement, brings its tenant with it: the company is set and the guard asked
by a row that the document's own plan waits for. Either ends with its transaction, so no tenant can leak, not to a
transaction pooler's next client either.

The simple protocol takes no parameters, so values are quoted here; all of them are UUIDs, words, times or whole numbers
that were checked before.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any
from uuid import UUID

from crossdock.tenancy.guard import Guard
from crossdock.tenancy.scope import TENANT_ROLE, Limits, Scope, Tenant

SET = tuple(Tenant(UUID(int=0), "").settings())
"""The names of a tenant's settings, in the order in which a statement takes their values."""

UNDO_THE_REST = "SELECT pg_advisory_unlock_all(); UNLISTEN *; CLOSE ALL"

ENTERED = "(SELECT entered FROM tenant)"
"""For a statement that is to be entered: true once the tenant is set."""


def keep(limits: Limits, schema: str) -> str:
    """What a kept session is for its life: a tenant's, who is nobody yet, sees nothing and writes nothing.

    A statement is planned once in it. Left to itself PostgreSQL plans the first five executions anew, and goes on where
    a plan for these very values looks better: planning a document takes longer than running it, and the plan that
    serves all is the one that is tested.
    """
    settings = {"role": TENANT_ROLE, "plan_cache_mode": "force_generic_plan"}
    return _all(*_settings("SET", settings | limits.settings()), _search_path("SET", schema))


def commit_and_restore(limits: Limits, schema: str) -> str:
    """COMMIT of a tenant's transaction in a kept session, which is put back before it into the state that `keep` made.

    Whatever a statement has set for longer than its transaction (`set_config(..., false)`, SET, LISTEN, a cursor WITH
    HOLD, an advisory lock of the session) would otherwise be there for the tenant who gets the connection next. A
    rollback undoes all of it by itself but the lock.
    """
    return _all("RESET ALL", keep(limits, schema), UNDO_THE_REST, "COMMIT")


def begin(scope: Scope, limits: Limits, *, read_only: bool = False, schema: str = "public", signature: str = "") -> str:
    """BEGIN, limits, role, company and guard, for a session that has nothing of it."""
    local = {"role": scope.role} | limits.settings()
    return _begin(scope, local, signature, _search_path("SET LOCAL", schema), read_only=read_only)


def begin_in_kept_session(scope: Scope, *, read_only: bool = False, signature: str = "") -> str:
    """The same where the session has the limits and a tenant's role."""
    role = {} if scope.role == TENANT_ROLE else {"role": scope.role}
    return _begin(scope, role, signature, read_only=read_only)


def entered(sql: str, arguments: list[Any], tenant: Tenant, signature: str = "") -> tuple[str, list[Any]]:
    """A statement of a kept session, and its arguments, with the tenant in it: the only one of its transaction.

    It has a row also where the statement finds none, without `found`. The tenant's row is there before the plan of the
    statement starts: that plan hangs on `entered`. If it did not, the statement would run as nobody, and find nothing.
    """
    return _with_tenant(_entered, sql, arguments, tenant, signature)


def entered_to_write(sql: str, arguments: list[Any], tenant: Tenant, signature: str = "") -> tuple[str, list[Any]]:
    """The same for a statement that begins with WITH and writes nothing before ENTERED is true. If that order were
    broken, it would write as nobody, and be refused."""
    return _with_tenant(_entered_to_write, sql, arguments, tenant, signature)


def _with_tenant(
    make: Callable[..., str], sql: str, arguments: list[Any], tenant: Tenant, signature: str
) -> tuple[str, list[Any]]:
    guard = tenant.guard
    function, asked = (None, ()) if guard is None else (guard.function, guard.arguments)
    return make(sql, len(arguments), function, len(asked)), [*arguments, *tenant.settings(signature).values(), *asked]


@lru_cache(maxsize=1024)
def _entered_to_write(sql: str, given: int, function: str | None, asked: int) -> str:
    tenant = f"tenant AS MATERIALIZED (SELECT {_enters(given, function, asked)} AS entered)"
    return f"WITH {tenant}, {sql.removeprefix('WITH ')}"


@lru_cache(maxsize=1024)
def _entered(sql: str, given: int, function: str | None, asked: int) -> str:
    tenant = f"SELECT {_enters(given, function, asked)} AS entered OFFSET 0"
    answer = f"SELECT asked.*, true AS found FROM ({sql}) AS asked WHERE tenant.entered OFFSET 0"  # noqa: S608
    joined = f"({tenant}) AS tenant LEFT JOIN LATERAL ({answer}) AS answer ON true"
    return f"SELECT answer.*, tenant.entered FROM {joined}"  # noqa: S608


def _enters(given: int, function: str | None, asked: int) -> str:
    parameters = [f"${number}" for number in range(given + 1, given + 1 + len(SET) + asked)]
    conditions = [
        f"set_config('{name}', {parameter}, true) = {parameter}"
        for name, parameter in zip(SET, parameters, strict=False)
    ]
    if function is not None:
        conditions.append(f"{function}({', '.join(parameters[len(SET) :])})")
    return " AND ".join(conditions)


def _begin(scope: Scope, local: dict[str, str], signature: str, *further: str, read_only: bool) -> str:
    access = "READ ONLY" if read_only else "READ WRITE"  # both aloud: the server's default may be either
    settings = _settings("SET LOCAL", local | scope.settings(signature))
    return _all(f"BEGIN {access}", *settings, *further, *_asked(scope.guard))


def _search_path(verb: str, schema: str) -> str:
    """`pg_temp` last: where it is not named PostgreSQL looks there first, and a temporary table would hide ours."""
    return f"{verb} search_path = {_literal(schema)}, pg_temp"


def _settings(verb: str, values: dict[str, str]) -> list[str]:
    return [f"{verb} {name} = {_literal(value)}" for name, value in values.items()]


def _asked(guard: Guard | None) -> list[str]:
    if guard is None:
        return []
    return [f"SELECT {guard.function}({', '.join(_literal(str(each)) for each in guard.arguments)})"]


def _literal(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _all(*statements: str) -> str:
    return "; ".join(statements)
