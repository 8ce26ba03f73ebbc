"""What is wrong with a Tenancy, asked when it is made: its names become parts of statements and of policies."""

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING
from uuid import UUID

from crossdock.errors import ConfigurationError
from crossdock.tenancy.scope import Tenant

if TYPE_CHECKING:
    from crossdock.tenancy.tenancy import Tenancy

KEY_TYPES = (UUID, int, str)
"""What a column of the key may be."""
WORD = re.compile(r"[a-z_][a-z0-9_]*")
NAME_MAX = 63
"""PostgreSQL cuts a longer name without an error, so that two names may become one."""
FUNCTION = "current_"
"""What the function of a column is called, before the column's own name."""
OF_POSTGRESQL = {"catalog", "database", "date", "query", "role", "schema", "time", "timestamp", "user"}
"""`current_<name>` is PostgreSQL's own there: a policy that calls it would not get the tenant."""
OF_OUTBOX = {"id", "type", "subject_id", "actor_id", "payload", "created_at", "published_at"}
OF_KEYS = {"key", "request_hash", "status", "headers", "body"}
OF_MISMATCHES = {"number", "module", "method", "stage", "verdict", "scope", "arguments", "differences"}
OF_OWN_TABLES = OF_OUTBOX | OF_KEYS | OF_MISMATCHES
"""Columns that the library's own tables have anyhow."""


def validate(tenancy: "Tenancy") -> None:
    """Raises ConfigurationError with all faults."""
    found = [*_of_roles(tenancy), *_of_columns(tenancy), *_of_settings(tenancy), *_of_scope(tenancy)]
    if found:
        raise ConfigurationError(f"The Tenancy is wrong: {'; '.join(found)}.")


def _of_roles(tenancy: "Tenancy") -> Iterator[str]:
    for role in tenancy.roles:
        if not _is_name(role) or role in ("none", "public") or role.startswith("pg_"):
            yield f"{role!r} cannot be a role: {_rule('role')}"
    if len(tenancy.roles) == 2 and tenancy.tenant_role == tenancy.platform_role:
        yield f"the tenants and the platform have one role, {tenancy.tenant_role}, so no policy could tell them apart"
    if tenancy.signature is not None and tenancy.platform_role is None:
        yield "`signature` needs a `platform_role`: that role alone may read the key that signs"


def _of_columns(tenancy: "Tenancy") -> Iterator[str]:
    for column, kind in tenancy.columns.items():
        if not _is_name(column, NAME_MAX - len(FUNCTION)):
            yield f"{column!r} cannot be a column of the key: {_rule('column')}"
        elif column in OF_OWN_TABLES:
            yield f"{column!r} cannot be a column of the key: the library's own tables have a column of that name"
        elif column in OF_POSTGRESQL:
            yield f"{column!r} cannot be a column of the key: `{FUNCTION}{column}` is PostgreSQL's own"
        if kind not in KEY_TYPES:
            yield f"the column {column} is {kind!r}, and a key is UUID, int or str"
        if column not in tenancy.settings.values():
            yield f"no setting has the column {column}: policies would not know whose a row is"


def _of_settings(tenancy: "Tenancy") -> Iterator[str]:
    for name in tenancy.names:
        if not (name.count(".") == 1 and all(_is_name(word) for word in name.split("."))):
            yield f"{name!r} cannot be a setting: {_rule('setting')}, as in 'library.branch_id'"
    if tenancy.signature in tenancy.settings:
        yield f"{tenancy.signature!r} is a setting of the tenant's, so it cannot be the signature's too"


def _of_scope(tenancy: "Tenancy") -> Iterator[str]:
    scope = tenancy.scope
    if not (isinstance(scope, type) and issubclass(scope, Tenant)):
        yield f"the scope {scope!r} is no class that derives from crossdock.Tenant"
        return
    fields = scope.__dataclass_fields__.keys()
    for attribute in dict.fromkeys((*tenancy.columns, *tenancy.settings.values())):
        if not (attribute in fields or hasattr(scope, attribute)):
            yield f"{scope.__name__} has no attribute {attribute}"


def _is_name(word: str, length_max: int = NAME_MAX) -> bool:
    """Whether it may stand in a statement without quotes."""
    # Loaded here: a command that has no tenancy does without SQLAlchemy.
    from sqlalchemy.dialects.postgresql.base import RESERVED_WORDS

    return len(word) <= length_max and WORD.fullmatch(word) is not None and word not in RESERVED_WORDS


def _rule(kind: str) -> str:
    words = "two words with a dot between them" if kind == "setting" else "one word"
    return f"write {words}, of lower-case letters, digits and underscores, and not one that PostgreSQL reserves"
