"""What models and rules say, as PostgreSQL itself understands it: made in scratch schemas, looked at, and undone."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import asyncpg
from sqlalchemy import create_mock_engine
from sqlalchemy.engine.mock import MockConnection
from tortoise.backends.base.schema_generator import BaseSchemaGenerator
from tortoise.context import TortoiseContext

from crossdock.address import Address
from crossdock.driver.connection import connect
from crossdock.driver.tortoise_client import ALIAS
from crossdock.errors import ConfigurationError
from crossdock.isolation.rules import rules
from crossdock.models.tables import OwnTables
from crossdock.registry import Orm, Registry
from crossdock.schema.comments import unescaped
from crossdock.schema.defaults import added_defaults
from crossdock.schema.facts import Facts, look, look_elsewhere
from crossdock.schema.metadata import metadata_of
from crossdock.schema.ownership import check_ownership, modelled

LOCK_TIMEOUT_MS = 2_000
STATEMENT_TIMEOUT_MS = 30_000
"""Nothing but catalogue rows is written, and nothing of the service's is locked: more than this is a fault."""

NOWHERE = Address("localhost", 5432, "nobody", "nowhere", None)
"""DDL and scripts are written without a database, but not without an address."""


# Those of one schema do not count in another: only what holds everywhere, for what this user makes, is in the way.
GIVEN_BY_DEFAULT = """
WITH given AS (
    SELECT k.what, d.defaclobjtype, d.defaclacl FROM pg_default_acl d
    JOIN (VALUES ('r', 'TABLES'), ('S', 'SEQUENCES'), ('f', 'FUNCTIONS'), ('T', 'TYPES')) k (kind, what)
      ON k.kind = d.defaclobjtype::text
    WHERE d.defaclnamespace = 0 AND d.defaclrole = current_user::regrole
)
SELECT format('ALTER DEFAULT PRIVILEGES REVOKE ALL ON %s FROM %s', what,
    CASE grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END)
FROM given, aclexplode(defaclacl) GROUP BY what, grantee
UNION ALL
SELECT format('ALTER DEFAULT PRIVILEGES GRANT %s ON %s TO %s', privilege_type, what,
    CASE grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END)
FROM given, aclexplode(acldefault(defaclobjtype, current_user::regrole))
ORDER BY 1 DESC
"""
"""PostgreSQL's own defaults again: REVOKE comes before GRANT."""


class NoScratch(ConfigurationError):
    """The user of DIRECT_URL may not make a schema to compare with."""


@dataclass(frozen=True, slots=True)
class Sides:
    """What each side says. The schema of an ORM holds every table; `modelled` are those that it knows itself."""

    said: dict[Orm, Facts]
    modelled: dict[Orm, frozenset[str]]
    database: Facts
    added: Facts = field(default_factory=dict)
    """Tortoise's columns as aerich adds them to a table that has rows: with their Python default."""
    elsewhere: dict[str, str] = field(default_factory=dict)
    """Table → another schema that has one of this name."""
    schema: str = "public"


async def read_sides(address: Address, registry: Registry) -> Sides:
    """Both ORMs' models and the database, on the direct lane. Nothing is left behind.

    Raises Misowned, NoScratch, and ConfigurationError when models and rules do not fit together.
    """
    check_ownership(registry)
    known = {orm: modelled(registry, orm) for orm in Orm}
    said, added = await _read_models(address, registry, known)
    database, elsewhere = await read_database(address)
    return Sides(said, known, database, added, elsewhere, address.schema)


async def read_database(address: Address) -> tuple[Facts, dict[str, str]]:
    """The facts of the live schema, and the tables of the others. Takes no lock but what a SELECT takes, and lets go of
    that at once."""
    async with _undone(address) as connection:
        return await look(connection, address.schema), await look_elsewhere(connection, address.schema)


async def read_models(address: Address, registry: Registry, known: dict[Orm, frozenset[str]]) -> dict[Orm, Facts]:
    """The facts of a schema of each ORM, made and undone in one transaction that touches no table but its own."""
    said, _ = await _read_models(address, registry, known)
    return said


async def _read_models(
    address: Address, registry: Registry, known: dict[Orm, frozenset[str]]
) -> tuple[dict[Orm, Facts], Facts]:
    """And Tortoise's columns once more, with the defaults that aerich gives them."""
    made, defaults = await _tortoise_sql(address, registry)
    ddl = {Orm.TORTOISE: made, Orm.SQLALCHEMY: sqlalchemy_sql(registry)}
    async with _undone(address) as connection:
        schemas = await _make(connection, registry, ddl, known)
        said = {orm: await look(connection, schema) for orm, schema in schemas.items()}
        if not defaults:
            return said, {}
        await _set_defaults(connection, schemas[Orm.TORTOISE], defaults)
        return said, await look(connection, schemas[Orm.TORTOISE])


async def _set_defaults(connection: asyncpg.Connection, schema: str, statements: list[str]) -> None:
    """What PostgreSQL refuses here it refuses to aerich too, which writes no escape of PostgreSQL's for a quote."""
    await connection.execute(f"SET LOCAL search_path = {schema}")
    for statement in statements:
        await connection.execute("SAVEPOINT one")
        try:
            await connection.execute(statement)
        except asyncpg.PostgresError:
            await connection.execute("ROLLBACK TO one")


async def tortoise_sql(address: Address, registry: Registry) -> str:
    """Tortoise's own DDL for every model that it has. Nothing is connected."""
    made, _ = await _tortoise_sql(address, registry)
    return made


async def _tortoise_sql(address: Address, registry: Registry) -> tuple[str, list[str]]:
    """And a statement for each column with a default of Python's. Tortoise makes the column without one, and aerich
    adds it with one, for the rows that are there."""
    files = registry.all_models(Orm.TORTOISE)
    if not files:
        return "", []
    async with TortoiseContext() as context:
        engine = {"engine": "tortoise.backends.asyncpg", "credentials": address.asyncpg()}
        apps = {registry.application.tortoise_app: {"models": files, "default_connection": ALIAS}}
        await context.init(config={"connections": {ALIAS: engine}, "apps": apps}, use_tz=True, timezone="UTC")
        client = context.connections.get(ALIAS)
        generator: BaseSchemaGenerator = client.schema_generator(client)
        made = unescaped(generator.get_create_schema_sql(safe=False))
        models = [model for models in (context.apps or {}).values() for model in models.values()]
        return made, [statement for model in models for statement in added_defaults(generator, model)]


def sqlalchemy_sql(registry: Registry) -> str:
    """SQLAlchemy's own DDL for every model that it has, the library's tables among them."""
    metadata = metadata_of(registry)
    statements: list[str] = []
    engine: MockConnection = create_mock_engine(
        "postgresql+asyncpg://", lambda ddl, *_, **__: statements.append(str(ddl.compile(dialect=engine.dialect)))
    )
    known = modelled(registry, Orm.SQLALCHEMY)
    own = [table for table in metadata.sorted_tables if table.name in known]
    metadata.create_all(engine, tables=own, checkfirst=False)
    OwnTables.of(registry.application).metadata.create_all(engine, checkfirst=False)
    return ";\n".join(statements)


@asynccontextmanager
async def _undone(address: Address) -> AsyncIterator[asyncpg.Connection]:
    """A transaction that leaves no trace: PostgreSQL rolls back what a connection leaves open, a killed one too."""
    connection = await connect(address)
    try:
        await connection.execute(
            f"SET application_name = 'crossdock schema check'; SET lock_timeout = {LOCK_TIMEOUT_MS};"
            f" SET statement_timeout = {STATEMENT_TIMEOUT_MS}; BEGIN"
        )
        yield connection
    finally:
        await connection.close()


async def _make(
    connection: asyncpg.Connection, registry: Registry, ddl: dict[Orm, str], known: dict[Orm, frozenset[str]]
) -> dict[Orm, str]:
    """One schema per ORM, each with every table: the ORM's own, and the other's as a copy for keys and policies."""
    pid = await connection.fetchval("SELECT pg_backend_pid()")  # two checks at once must not wait for one name
    schemas = {orm: f"crossdock_scratch_{pid}_{orm.value}" for orm in Orm}
    await _make_schemas(connection, list(schemas.values()))
    await without_default_privileges(connection)
    # Tortoise's tables point at their own kind only; SQLAlchemy's point at Tortoise's too, so these are there first.
    await _run(connection, schemas[Orm.TORTOISE], ddl[Orm.TORTOISE], "The Tortoise models")
    await _copy(connection, schemas, Orm.SQLALCHEMY, known)
    await _run(connection, schemas[Orm.SQLALCHEMY], ddl[Orm.SQLALCHEMY], "The SQLAlchemy models")
    await _copy(connection, schemas, Orm.TORTOISE, known)
    for schema in schemas.values():
        for where, sql in rules(registry).items():
            await _run(connection, schema, sql, where)
    return schemas


async def _make_schemas(connection: asyncpg.Connection, schemas: list[str]) -> None:
    try:
        for schema in schemas:
            await connection.execute(f"CREATE SCHEMA {schema}")
    except asyncpg.InsufficientPrivilegeError:
        await connection.execute("ROLLBACK")
        user, database = await connection.fetchrow("SELECT quote_ident(current_user), quote_ident(current_database())")
        raise NoScratch(
            f"{user} may not make a schema to compare with, for as long as the check takes:"
            f" GRANT CREATE ON DATABASE {database} TO {user}; as the owner of the database."
        ) from None


async def without_default_privileges(connection: asyncpg.Connection) -> None:
    """For the rest of the transaction: what it makes has the rights that the rules give, and no others.

    What somebody granted with ALTER DEFAULT PRIVILEGES would be in the scratch schemas too, and so would count as
    wanted. Two transactions cannot change the same row of pg_default_acl, so they wait for each other here.
    """
    if not await connection.fetch(GIVEN_BY_DEFAULT):
        return
    await connection.execute(f"SET LOCAL lock_timeout = {STATEMENT_TIMEOUT_MS}")
    await connection.execute("SELECT pg_advisory_xact_lock(hashtext('crossdock default privileges'))")
    await connection.execute(f"SET LOCAL lock_timeout = {LOCK_TIMEOUT_MS}")
    for (statement,) in await connection.fetch(GIVEN_BY_DEFAULT):
        await connection.execute(statement)


async def _copy(
    connection: asyncpg.Connection, schemas: dict[Orm, str], to: Orm, known: dict[Orm, frozenset[str]]
) -> None:
    """The tables that one ORM does not know, as the other makes them."""
    copies = [
        f"CREATE TABLE {schemas[to]}.{table} (LIKE {schemas[to.other]}.{table} INCLUDING ALL)"
        for table in sorted(known[to.other] - known[to])
    ]
    if copies:  # the driver fails on an empty string
        await connection.execute(";\n".join(copies))


async def _run(connection: asyncpg.Connection, schema: str, sql: str, what: str) -> None:
    """In one schema alone: a name that is not there must be an error, not the live table of that name."""
    await connection.execute(f"SET LOCAL search_path = {schema}")
    try:
        if sql.strip():  # the driver fails on an empty string
            await connection.execute(sql)
    except asyncpg.UndefinedObjectError as error:
        raise ConfigurationError(
            f"{what}: PostgreSQL says: {error}. Where it is a role that is missing, `crossdock migrate up` makes it."
        ) from None
    except (asyncpg.SyntaxOrAccessError, asyncpg.DataError) as error:
        raise ConfigurationError(f"{what} cannot be made into tables: PostgreSQL says: {error}.") from None
