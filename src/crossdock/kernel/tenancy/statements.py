"""How PostgreSQL is told on whose behalf it works, each time in a string of the simple protocol: one round trip.

In a transaction role and company are set with SET LOCAL: they end with it, so they cannot leak to a transaction
pooler's next client. Where a connection keeps its session, the limits are set in it for its life, and a tenant until
the next one: a read of one statement then needs no BEGIN, no SET LOCAL and no COMMIT.

The simple protocol takes no parameters, so values are quoted here; all of them are UUIDs, words, times or whole numbers
that were checked before.
"""

from crossdock.kernel.tenancy.guard import Guard
from crossdock.kernel.tenancy.scope import Limits, Scope, Tenant

READ_ONLY = "default_transaction_read_only"
UNBIND = f"RESET ROLE; RESET {READ_ONLY}; RESET crossdock.company_id; RESET crossdock.company_kind"
"""Back to a session that may nothing: the service's own user has no right to any table."""


def begin(scope: Scope, limits: Limits, *, read_only: bool = False, search_path: str | None = None) -> str:
    """BEGIN, limits, role, tenant and guard, for a connection whose session has nothing of it."""
    return _begin(scope, _limits(limits, search_path) | _tenant(scope), read_only=read_only)


def begin_in_session(scope: Scope, *, bound: bool, read_only: bool = False) -> str:
    """The same where the session has the limits, and, if it is `bound` to this very scope, role and tenant."""
    return _begin(scope, {} if bound else _tenant(scope), read_only=read_only)


def bind(tenant: Tenant) -> str:
    """Makes the session the tenant's, to read. All of it or nothing: the string is one implicit transaction."""
    return _all(*_settings("SET", {READ_ONLY: "on"} | _tenant(tenant)), *_asked(tenant.guard))


def limit(limits: Limits, search_path: str | None) -> str:
    """Sets a session's limits, for the life of its connection, and that a statement is planned once in it.

    Left to itself PostgreSQL plans the first five executions anew, and goes on where a plan for these very values looks
    better. Planning a document takes longer than running it, and the plan that serves all is the one that is tested.
    """
    settings = {"plan_cache_mode": "force_generic_plan"} | _limits(limits, search_path)
    return _all(*_settings("SET", settings))


def _begin(scope: Scope, local: dict[str, str], *, read_only: bool) -> str:
    access = "READ ONLY" if read_only else "READ WRITE"  # both aloud: a bound session's default is to read
    return _all(f"BEGIN {access}", *_settings("SET LOCAL", local), *_asked(scope.guard))


def _tenant(scope: Scope) -> dict[str, str]:
    return {"role": scope.role} | scope.settings()


def _limits(limits: Limits, search_path: str | None) -> dict[str, str]:
    return limits.settings() | ({"search_path": search_path} if search_path else {})


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
