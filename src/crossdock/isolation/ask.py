"""Asks PostgreSQL whether each invariant holds."""

import re
from collections.abc import Iterator
from importlib.resources import files

import asyncpg

from crossdock.errors import ConfigurationError
from crossdock.isolation.invariant import Broken, Invariant, Severity
from crossdock.isolation.of_rights import OF_RIGHTS
from crossdock.isolation.of_roles import OF_ROLES
from crossdock.isolation.of_rows import OF_ROWS
from crossdock.isolation.rules import rules
from crossdock.models.names import OWN_TABLES
from crossdock.registry import Registry

INVARIANTS = (*OF_ROLES, *OF_ROWS, *OF_RIGHTS)
"""All of them. To add one is to add a row to one of the three files."""

GIVEN = files(__package__).joinpath("given.sql").read_text(encoding="utf-8")
FUNCTION = re.compile(r"CREATE (?:OR REPLACE )?FUNCTION (\w+)")


class NotIsolated(ConfigurationError):
    """Row level security does not hold in this database, so the service does not start."""


async def ask(connection: asyncpg.Connection, schema: str, registry: Registry, service: str) -> list[Broken]:
    """Where an invariant does not hold, in their order. `service` is the user of DATABASE_URL. Reads the catalogue
    alone, which any user may, and takes no lock."""
    functions = [name for sql in rules(registry).values() for name in FUNCTION.findall(sql)]
    tenancy = registry.application.tenancy_object
    if tenancy.tenant_role is None:
        return []  # statements run as the login itself: the application keeps its tenants apart without policies
    tables = [*registry.owners(), *OWN_TABLES]
    given = (schema, tables, functions, service, tenancy.tenant_role, tenancy.platform_role, tenancy.names)
    found: list[Broken] = []
    for invariant in INVARIANTS:
        rows = await connection.fetch(GIVEN + invariant.question, *given)
        found += _said(invariant, rows)
    return found


def _said(invariant: Invariant, rows: list[asyncpg.Record]) -> Iterator[Broken]:
    for row in rows:
        yield Broken(invariant, invariant.wrong.format_map(dict(row)), invariant.remedy.format_map(dict(row)))


async def ask_before_start(
    connection: asyncpg.Connection, schema: str, registry: Registry, service: str
) -> list[Broken]:
    """What a service that starts should say, and nothing more. Raises NotIsolated with every breach and its remedy."""
    found = await ask(connection, schema, registry, service)
    breaches = [broken for broken in found if broken.invariant.severity is Severity.BREACH]
    if breaches:
        lines = " ".join(broken.line for broken in breaches)
        raise NotIsolated(f"Tenants are not kept apart in this database: {lines} Then start again.")
    return found
