"""Runs alembic, one revision at a time, with its own files and version table, and an environment of ours.

The `env.py` of a project is for the raw `alembic` command; the runner does not run it.
"""

import io
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

import asyncpg
from alembic import command as alembic
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import Script
from sqlalchemy import Connection, MetaData, NullPool, event
from sqlalchemy.exc import InvalidRequestError, PendingRollbackError, SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.util import await_only

from crossdock.address import Address
from crossdock.driver.connection import connect
from crossdock.errors import ProgrammingError
from crossdock.migrations.chain import Chain
from crossdock.migrations.history.journal import PROGRAM
from crossdock.migrations.names import OWN
from crossdock.migrations.own.context import KEY
from crossdock.migrations.revision import Direction, Revision
from crossdock.migrations.run.conductor import SKIPPED, Conductor
from crossdock.migrations.tools.loading import load
from crossdock.migrations.tools.reading import asks, refuse_end, refuse_end_in
from crossdock.migrations.tools.tool import StateOnly
from crossdock.models.foreign import FOREIGN
from crossdock.models.types import EnumNumber, Microseconds
from crossdock.registry import Orm, Registry
from crossdock.schema.comments import but_for_escapes
from crossdock.schema.metadata import metadata_of
from crossdock.sql.statement import NotSql, statements

Result = TypeVar("Result")
STATE_ONLY = '''"""{summary}

State only: no statement is run, and every name stays as it is.
"""

revision = "{number}"
down_revision = {before}
branch_labels = None
depends_on = None
{needs}{handed_over}

def upgrade() -> None:
    """{words}."""


def downgrade() -> None:
    """Undone: the state alone."""
'''
ENVIRONMENT = Path(__file__).parent / "environment"
"""Has an env.py that works on a connection of ours."""
GIVEN = "crossdock"
"""The attribute of alembic's configuration under which that env.py finds a `Given`."""


@dataclass(frozen=True)
class Given:
    """What the runner gives to its env.py: the connection to work on, and what `context.configure` takes."""

    connection: Connection
    options: Mapping[str, Any]


class AlembicTool:
    """Runs revisions of a chain of alembic's. Each step has a connection of its own."""

    def __init__(self, address: Address, registry: Registry, chain: Chain) -> None:
        self._address = address
        self._registry = registry
        self._chain = chain

    async def script(self, revision: Revision, direction: Direction) -> str | None:
        """The SQL of a revision; None when it has to ask a database first."""
        output = io.StringIO()
        options = {"as_sql": True, "output_buffer": output, "literal_binds": True, KEY: self._registry.application}
        # with its usual parameters every % would be doubled, and no database would be sent that
        style = {"paramstyle": "named"}
        context = MigrationContext.configure(dialect_name="postgresql", dialect_opts=style, opts=options)
        module = load(revision)
        try:
            with Operations.context(context):
                (module.upgrade if direction is Direction.UP else module.downgrade)()
        except SQLAlchemyError:  # it asked for something about the connection, and there is none
            return None
        except Exception as error:
            asks(revision, direction, error)
            return None
        return output.getvalue()

    async def run(self, revision: Revision, direction: Direction, conductor: Conductor) -> None:
        def work(connection: Connection) -> None:
            config = alembic_config(self._registry, self._chain, connection)
            if direction is Direction.UP:
                alembic.upgrade(config, revision.name)
            else:
                alembic.downgrade(config, "-1")

        engine = migration_engine(self._address, conductor.settings)
        _conduct(engine, conductor)
        try:
            async with engine.connect() as connection:
                await connection.run_sync(work)
        except SQLAlchemyError as error:
            raise _first(error) from error
        finally:
            await engine.dispose()

    async def record(self, revision: Revision) -> None:
        def work(connection: Connection) -> None:
            alembic.stamp(alembic_config(self._registry, self._chain, connection), revision.name)

        await self._connected(work)

    async def differences(self) -> list[str]:
        """Between the models and the database."""

        def compare(connection: Connection) -> list[str]:
            options = dict(options_of(self._registry, self._chain))
            metadata = options.pop("target_metadata")
            found = compare_metadata(MigrationContext.configure(connection, opts=options), metadata)
            return [_words(each) for each in but_for_escapes(found)]

        return await self._connected(compare)

    async def write(self, slug: str, message: str, *, is_empty: bool) -> Path | None:
        def keep(_context: Any, _revision: Any, directives: list[Any]) -> None:
            if not is_empty and directives[0].upgrade_ops.is_empty():
                directives.clear()

        def work(connection: Connection) -> Path | None:
            number = self._chain.format.next_number(self._chain.revisions())
            with _template(self._registry, self._chain, connection) as config, redirect_stdout(io.StringIO()):
                # its remarks are not a command's result
                made = alembic.revision(config, message, True, rev_id=number, process_revision_directives=keep)
            return Path(made.path) if isinstance(made, Script) else None

        return await self._connected(work)

    async def state_only(self, words: StateOnly) -> tuple[Path, str]:
        revisions = self._chain.revisions()
        before = f'"{revisions[-1].name}"' if revisions else "None"
        path = self._chain.folder / f"{words.number}_{words.slug}.py"
        return path, STATE_ONLY.format(number=words.number, before=before, **words.words)

    async def restate(self) -> Path:
        raise ProgrammingError("alembic's files keep no state of the models.")

    def content(self, name: str) -> str:
        return ""  # nothing beside the name

    async def _connected(self, work: Callable[[Connection], Result]) -> Result:
        await (await connect(self._address)).close()  # says what is wrong; alembic's own says what a pooler makes of it
        engine = migration_engine(self._address)
        try:
            async with engine.connect() as connection:
                return await connection.run_sync(work)
        finally:
            await engine.dispose()


def _first(error: BaseException) -> BaseException:
    """What went wrong, or ended the run, before alembic's own tidying failed on the connection that it left."""
    before = error
    while before.__context__ is not None and isinstance(before, InvalidRequestError | PendingRollbackError):
        before = before.__context__
    return before


def options_of(registry: Registry, chain: Chain) -> dict[str, Any]:
    """What `context.configure` takes, for every use of a chain: its models, its tables alone, its version table."""
    if chain.name == OWN:  # its revisions are written by hand
        return {"version_table": chain.table, "transaction_per_migration": True, KEY: registry.application}
    metadata = metadata_of(registry)
    return {
        "target_metadata": metadata,
        "include_object": ours(registry, metadata),
        "compare_server_default": True,
        "render_item": plain_type,
        "transaction_per_migration": True,
        "version_table": chain.table,
    }


def ours(registry: Registry, metadata: MetaData) -> Callable[[Any, str | None, str, bool, Any], bool]:
    """alembic's `include_object`: it sees the tables of its own chain only. The other tool's are known as the targets
    of foreign keys, or not at all; a table of ours without a model is an error of ownership, never a DROP."""
    own = registry.tables_of(Orm.SQLALCHEMY)

    def is_ours(item: Any, name: str | None, kind: str, reflected: bool, _other: Any) -> bool:
        if kind != "table":
            return True
        if item.info.get(FOREIGN) or name not in own:
            return False
        return not reflected or name in metadata.tables

    return is_ours


def plain_type(kind: str, item: Any, _context: Any) -> str | bool:
    """alembic's `render_item`: a revision names PostgreSQL's type, where the model's is one of the library's. False
    leaves it to alembic."""
    return f"sa.{item.impl_instance!r}" if kind == "type" and isinstance(item, Microseconds | EnumNumber) else False


def _words(difference: Any) -> str:
    return " ".join(str(difference).split())


def _conduct(engine: AsyncEngine, conductor: Conductor) -> None:
    """Every statement of alembic's goes past the conductor, but for those about its version table.

    alembic commits after those: a COMMIT after any other is the revision's own.
    """
    revision, direction = conductor.step.revision, conductor.step.direction
    is_own = False

    @event.listens_for(engine.sync_engine, "commit")
    def commit(_connection: Connection) -> None:
        if is_own and not revision.stands_alone:
            refuse_end(revision, direction, "calls commit() on the connection")

    @event.listens_for(engine.sync_engine, "before_cursor_execute", retval=True)
    def before(connection: Connection, _cursor: Any, sql: str, parameters: Any, *_: Any) -> tuple[str, Any]:
        nonlocal is_own
        if conductor.is_bookkeeping(sql):
            is_own = is_own and not conductor.is_of_versions(sql)
            return sql, parameters
        is_own = True
        refuse_end_in(revision, direction, sql)
        for lock in conductor.first():
            connection.exec_driver_sql(lock)
        todo = [await_only(conductor.before(statement, _pid(connection))) for statement in statements(sql)]
        return (sql, parameters) if all(todo) else (SKIPPED, ())

    @event.listens_for(engine.sync_engine, "after_cursor_execute")
    def after(connection: Connection, _cursor: Any, sql: str, *_: Any) -> None:
        if not conductor.is_bookkeeping(sql) and sql != SKIPPED:
            for statement in statements(sql):
                await_only(conductor.after(statement, _pid(connection)))


def _pid(connection: Connection) -> int:
    return int(connection.connection.driver_connection.get_server_pid())  # type: ignore[union-attr]


def alembic_config(registry: Registry, chain: Chain, connection: Connection) -> Config:
    """Our environment with the files of a chain, on the runner's connection. Nothing of the project is read but its
    revisions."""
    return _configured(Config(), ENVIRONMENT, registry, chain, connection)


@contextmanager
def _template(registry: Registry, chain: Chain, connection: Connection) -> Iterator[Config]:
    """The same for a new file: as the project's own configuration and its script.py.mako say. alembic looks for that
    template beside env.py, so both are put into one folder."""
    project = Config(str(chain.root / "alembic.ini"), toml_file=str(chain.root / "pyproject.toml"))
    with TemporaryDirectory(prefix="crossdock-") as folder:
        for file in (ENVIRONMENT / "env.py", chain.location / "script.py.mako"):
            shutil.copy(file, folder)
        yield _configured(project, Path(folder), registry, chain, connection)


def _configured(config: Config, folder: Path, registry: Registry, chain: Chain, connection: Connection) -> Config:
    for name, path in (("script_location", folder), ("version_locations", chain.folder)):
        config.set_main_option(name, str(path).replace("%", "%%"))  # a % would begin the name of another option
    config.set_main_option("path_separator", "newline")  # the name of a folder may have any other in it
    config.attributes[GIVEN] = Given(connection, options_of(registry, chain))
    return config


def migration_engine(address: Address, settings: dict[str, str] | None = None) -> AsyncEngine:
    """A throw-away engine on the direct lane."""
    server_settings = {"application_name": f"{PROGRAM} (alembic)", "search_path": address.schema} | (settings or {})
    engine = create_async_engine(
        "postgresql+asyncpg://",  # the driver's own: a connection that nobody shares has savepoints like any other
        poolclass=NullPool,
        connect_args={"async_creator_fn": _connector(address), "server_settings": server_settings},
    )
    _take_several_at_once(engine)
    return engine


def _take_several_at_once(engine: AsyncEngine) -> None:
    """Files that were written for psycopg have several statements in one `op.execute`. asyncpg takes one at a time, so
    they are sent one by one, and each goes through the listeners that are added later.

    What has parameters is left as it is: PostgreSQL knows which statement they are of for a single one alone.
    """

    @event.listens_for(engine.sync_engine, "before_cursor_execute", retval=True)
    def before(connection: Connection, _cursor: Any, sql: str, parameters: Any, *_: Any) -> tuple[str, Any]:
        if ";" not in sql or parameters:
            return sql, parameters
        try:
            first = [statement.text for statement in statements(sql)]
        except NotSql:  # the server says what is wrong with it
            return sql, parameters
        if len(first) < 2:
            return sql, parameters
        last = first.pop()
        for each in first:
            connection.exec_driver_sql(each)
        return last, parameters


def _connector(address: Address) -> Callable[..., Any]:
    async def create(*_: object, **arguments: object) -> asyncpg.Connection:
        return await asyncpg.connect(**address.asyncpg(), **arguments)

    return create
