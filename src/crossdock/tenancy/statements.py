"""The statements that set role, limits and tenant. A tenant is never set for longer than a transaction.

A transaction begins with a string of the simple protocol: BEGIN, role, tenant, and the question of the scope's guard,
in one round trip. A document, which is one statement, brings its tenant with it: the tenant is set and the guard asked
by a row that the document's own plan waits for. Either ends with its transaction, so no tenant can leak, not to a
transaction pooler's next client either.

The simple protocol takes no parameters, so values are quoted here: UUIDs, words, times and whole numbers.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from crossdock.config.limits import Limits
from crossdock.tenancy.guard import Guard
from crossdock.tenancy.scope import Scope
from crossdock.tenancy.tenancy import Tenancy

UNDO_THE_REST = "SELECT pg_advisory_unlock_all(); UNLISTEN *; CLOSE ALL"

ENTERED = "(SELECT entered FROM tenant)"
"""For a statement that is to be entered: true once the tenant is set."""


@dataclass(frozen=True, slots=True)
class Access:
    """What a transaction may do, and what it sees: with `snapshot` the data of one moment in all its statements."""

    read_only: bool = False
    snapshot: bool = False

    @property
    def words(self) -> str:
        isolation = "ISOLATION LEVEL REPEATABLE READ " if self.snapshot else ""
        # Written out, since the server's default may be either.
        return f"{isolation}{'READ ONLY' if self.read_only else 'READ WRITE'}"


WRITING = Access()


class Statements:
    """The statements of one application's tenancy, with its limits, in its schema."""

    def __init__(self, tenancy: Tenancy, limits: Limits, schema: str = "public") -> None:
        self._tenancy = tenancy
        self._limits = limits.settings()
        self._schema = schema

    def keep(self) -> str:
        """What is set in a kept session for its life: limits and the tenants' role, but no tenant. It sees and writes
        nothing until one is set.

        A statement is planned once in it. Left to itself PostgreSQL plans the first five executions anew, and goes on
        where a plan for these very values looks better: planning a document takes longer than running it, and the plan
        that serves all is the one that is tested.
        """
        settings = _role(self._tenancy.tenant_role) | {"plan_cache_mode": "force_generic_plan"}
        return _all(*_settings("SET", settings | self._limits), _search_path("SET", self._schema))

    def commit_and_restore(self) -> str:
        """COMMIT of a tenant's transaction in a kept session, which is put back before it into the state that `keep`
        made.

        Whatever a statement has set for longer than its transaction (`set_config(..., false)`, SET, LISTEN, a cursor
        WITH HOLD, an advisory lock of the session) would otherwise be there for the tenant who gets the connection
        next. A rollback undoes all of it by itself but the lock.
        """
        return _all("RESET ALL", self.keep(), UNDO_THE_REST, "COMMIT")

    def begin(self, scope: Scope, access: Access = WRITING, *, signature: str = "") -> str:
        """BEGIN, limits, role, tenant and guard, for a session that has nothing of it."""
        local = _role(self._tenancy.role_of(scope)) | self._limits
        return self._begin(scope, access, local, signature, _search_path("SET LOCAL", self._schema))

    def begin_in_kept_session(self, scope: Scope, access: Access = WRITING, *, signature: str = "") -> str:
        """The same where the session has the limits and a tenant's role."""
        role = self._tenancy.role_of(scope)
        # "none" is the login itself. Without it, the platform without a role of its own would stay the tenants' role.
        local = {} if role == self._tenancy.tenant_role else _role(role or "none")
        return self._begin(scope, access, local, signature)

    def entered(
        self, sql: str, arguments: list[Any], guard: Guard | None, parameters: Sequence[str]
    ) -> tuple[str, list[Any]]:
        """A statement of a kept session, and its arguments, with the tenant in it: the only one of its transaction.

        `parameters` are those of `Signer.parameters_of`.

        It has a row also where the statement finds none, without `found`. The tenant's row is there before the plan of
        the statement starts: that plan hangs on `entered`. If it did not, the statement would run as nobody, and find
        nothing.
        """
        return self._with_tenant(_entered, sql, arguments, guard, parameters)

    def entered_to_write(
        self, sql: str, arguments: list[Any], guard: Guard | None, parameters: Sequence[str]
    ) -> tuple[str, list[Any]]:
        """The same for a statement that begins with WITH and writes nothing before ENTERED is true. If that order were
        broken, it would write as nobody, and be refused."""
        return self._with_tenant(_entered_to_write, sql, arguments, guard, parameters)

    def _with_tenant(
        self, make: Callable[..., str], sql: str, arguments: list[Any], guard: Guard | None, parameters: Sequence[str]
    ) -> tuple[str, list[Any]]:
        function, asked = (None, ()) if guard is None else (guard.function, guard.arguments)
        text = make(sql, len(arguments), self._tenancy.names, function, len(asked))
        return text, [*arguments, *parameters, *asked]

    def _begin(self, scope: Scope, access: Access, local: dict[str, str], signature: str, *further: str) -> str:
        settings = _settings("SET LOCAL", local | self._tenancy.settings_of(scope, signature))
        return _all(f"BEGIN {access.words}", *settings, *further, *_asked(scope.guard))


@lru_cache(maxsize=1024)
def _entered_to_write(sql: str, given: int, names: tuple[str, ...], function: str | None, asked: int) -> str:
    tenant = f"tenant AS MATERIALIZED (SELECT {_enters(given, names, function, asked)} AS entered)"
    return f"WITH {tenant}, {sql.removeprefix('WITH ')}"


@lru_cache(maxsize=1024)
def _entered(sql: str, given: int, names: tuple[str, ...], function: str | None, asked: int) -> str:
    tenant = f"SELECT {_enters(given, names, function, asked)} AS entered OFFSET 0"
    answer = f"SELECT asked.*, true AS found FROM ({sql}) AS asked WHERE tenant.entered OFFSET 0"  # noqa: S608
    joined = f"({tenant}) AS tenant LEFT JOIN LATERAL ({answer}) AS answer ON true"
    return f"SELECT answer.*, tenant.entered FROM {joined}"  # noqa: S608


def _enters(given: int, names: tuple[str, ...], function: str | None, asked: int) -> str:
    parameters = [f"${number}" for number in range(given + 1, given + 1 + len(names) + asked)]
    conditions = [
        f"set_config('{name}', {parameter}, true) = {parameter}"
        for name, parameter in zip(names, parameters, strict=False)
    ]
    if function is not None:
        conditions.append(f"{function}({', '.join(parameters[len(names) :])})")
    return " AND ".join(conditions) or "true"


def _role(role: str | None) -> dict[str, str]:
    return {} if role is None else {"role": role}


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
    """Means the same whatever `standard_conforming_strings` is: where that is off, a backslash in plain quotes would
    make a quote after it a part of the text, or the other way round."""
    text = value.replace("'", "''")
    return f"'{text}'" if "\\" not in text else "E'" + text.replace("\\", "\\\\") + "'"


def _all(*statements: str) -> str:
    return "; ".join(statements)
