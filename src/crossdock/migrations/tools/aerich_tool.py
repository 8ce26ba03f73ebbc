"""Runs aerich, one revision at a time, with its own files and its own version table."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from pathlib import Path
from typing import Any, NoReturn

from aerich import Command
from aerich.migrate import Migrate
from aerich.models import Aerich
from aerich.utils import decompress_dict, get_app_connection, get_formatted_compressed_data, get_models_describe
from tortoise import Tortoise
from tortoise.connection import get_connections
from tortoise.context import TortoiseContext
from tortoise.transactions import in_transaction

from crossdock.address import Address
from crossdock.clock import Clock
from crossdock.driver.tortoise_client import ALIAS
from crossdock.errors import Conflict
from crossdock.migrations.chain import Chain
from crossdock.migrations.revision import Direction, Revision
from crossdock.migrations.run.conductor import Conductor
from crossdock.migrations.tools.aerich_config import aerich_config
from crossdock.migrations.tools.aerich_indexes import keep_own_sql
from crossdock.migrations.tools.loading import load, verb
from crossdock.migrations.tools.reading import as_sql, asks, refuse_end, refuse_end_in
from crossdock.migrations.tools.tool import StateOnly
from crossdock.registry import Registry

STATE_ONLY = '''"""{summary}

State only: no statement is run, and every name stays as it is.
"""

from tortoise import BaseDBAsyncClient

{needs}{handed_over}RUN_IN_TRANSACTION = True


async def upgrade(db: BaseDBAsyncClient) -> str:
    return "-- state only: {words}"


async def downgrade(db: BaseDBAsyncClient) -> str:
    return "-- state only, undone: {words}"


MODELS_STATE = (
    {state}
)
'''


class AerichTool:
    """Runs revisions of a chain of aerich's. Each step has a connection of its own."""

    def __init__(self, address: Address, registry: Registry, chain: Chain) -> None:
        self._address = address
        self._registry = registry
        self._chain = chain

    async def script(self, revision: Revision, direction: Direction) -> str | None:
        """The SQL of a revision, as its file returns it; None when it has to ask a database first."""
        function = getattr(load(revision), verb(direction))
        try:
            given = await function(None)
        except Exception as error:
            asks(revision, direction, error)
            return None
        return as_sql(revision, direction, given)

    async def run(self, revision: Revision, direction: Direction, conductor: Conductor) -> None:
        async with self._command(conductor.settings) as command:
            client = get_app_connection(command.tortoise_config, self._chain.app)
            scope: AbstractAsyncContextManager[Any] = in_transaction(ALIAS)
            async with nullcontext(client) if revision.stands_alone else scope as connection:
                pid = (await connection.execute_query_dict("SELECT pg_backend_pid() AS pid"))[0]["pid"]
                conducted: Any = Conducted(connection, conductor, pid)
                if direction is Direction.UP:
                    await command._upgrade(conducted, revision.name)
                else:
                    await _downgrade(conducted, revision, self._chain.app)

    async def record(self, revision: Revision) -> None:
        async with self._command() as command, in_transaction(ALIAS) as connection:
            await command._upgrade(connection, revision.name, fake=True)

    def content(self, name: str) -> str:
        """The file's picture of the models, as JSON."""
        for revision in self._chain.revisions():
            if revision.name == name:
                state = getattr(load(revision), "MODELS_STATE", None)
                return json.dumps(decompress_dict(state) if state else {})
        return "{}"

    async def differences(self) -> list[str]:
        """Between the models and the state in the last file; no database is asked."""
        async with self._command(offline=True):
            return _diff(self._chain.app)

    async def write(self, slug: str, message: str, *, is_empty: bool) -> Path | None:
        async with self._command(offline=True) as command:  # offline it numbers by the files, and deletes none
            name = await command.migrate(slug, empty=is_empty, no_input=True, offline=True)
            return self._chain.folder / name if name else None

    async def state_only(self, words: StateOnly) -> tuple[Path, str]:
        now = Clock().now().strftime("%Y%m%d%H%M%S")
        path = self._chain.folder / f"{words.number}_{now}_{words.slug}.py"
        return path, STATE_ONLY.format(state=await self._state(), **words.words)

    async def restate(self) -> Path:
        last = self._chain.revisions()[-1].path
        head, _, _ = last.read_text(encoding="utf-8").partition("\nMODELS_STATE = (")
        last.write_text(f"{head}\nMODELS_STATE = (\n    {await self._state()}\n)\n", encoding="utf-8")
        return last

    async def _state(self) -> str:
        """The models as aerich keeps them in a file: a literal of several lines."""
        async with self._command(offline=True):
            return str(get_formatted_compressed_data(get_models_describe(self._chain.app)))

    def _refuse_old_format(self) -> None:
        revisions = self._chain.revisions()
        if revisions and not getattr(load(revisions[-1]), "MODELS_STATE", None):
            raise OldFormat(
                f"{revisions[-1].path.name} is of an old format of aerich's, without MODELS_STATE, and the models"
                " are compared with that. Run `aerich fix-migrations` on a database that has every revision. Where"
                f" Crossdock has migrated it already, say `crossdock migrate up --accept {revisions[-1].key}` after it."
            )

    @asynccontextmanager
    async def _command(
        self, settings: dict[str, str] | None = None, *, offline: bool = False
    ) -> AsyncIterator[Command]:
        config = aerich_config(self._address, self._registry, settings)
        # A context of its own: aerich keeps the one that it finds, and after the first run that one is closed.
        async with TortoiseContext():
            command = Command(config, app=self._chain.app, location=str(self._chain.location))
            _forget()
            keep_own_sql()
            if offline:
                self._refuse_old_format()
                await Tortoise.init(config=config)
            await command.init(offline=offline)
            client = get_connections().get(ALIAS)
            try:
                yield command
            finally:
                # A transaction of Tortoise's whose BEGIN failed stays in the client's place, and cannot be closed.
                get_connections().set(ALIAS, client)


class OldFormat(Conflict):
    """The last revision of aerich's chain has no MODELS_STATE, which the models are compared with."""


def _forget() -> None:
    """aerich collects what it finds in lists of the class: the next one would find it again."""
    for name, value in vars(Migrate).items():
        if isinstance(value, list | dict) and not name.startswith("__"):
            setattr(Migrate, name, type(value)())


def _diff(app: str) -> list[str]:
    last, now = Migrate._exclude_model_name_changes(Migrate._last_version_content or {}, get_models_describe(app))
    Migrate.diff_models(last, now, no_input=True)
    Migrate._merge_operators()
    return [" ".join(sql.split()) for sql in Migrate.upgrade_operators]


QUERIES = {"execute_query", "execute_query_dict", "execute_query_dict_with_affected", "execute_insert", "execute_many"}
"""By which a revision of aerich's asks, past the conductor."""


class Conducted:
    """aerich's connection, but a script goes statement by statement past the conductor."""

    def __init__(self, connection: Any, conductor: Conductor, pid: int) -> None:
        self._connection = connection
        self._conductor = conductor
        self._pid = pid

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._connection, name)
        return self._checked(found) if name in QUERIES else found

    def _checked(self, send: Callable[..., Any]) -> Callable[..., Any]:
        async def checked(query: str, *arguments: Any, **named: Any) -> Any:
            refuse_end_in(self._conductor.step.revision, self._conductor.step.direction, query)
            return await send(query, *arguments, **named)

        return checked

    async def commit(self) -> NoReturn:
        self._refuse_end("commit")

    async def rollback(self) -> NoReturn:
        self._refuse_end("rollback")

    def _refuse_end(self, verb: str) -> NoReturn:
        step = self._conductor.step
        refuse_end(step.revision, step.direction, f"calls {verb}() on the connection")

    async def execute_script(self, sql: object) -> None:
        step = self._conductor.step
        sql = as_sql(step.revision, step.direction, sql)
        refuse_end_in(step.revision, step.direction, sql)
        await self._conductor.script(sql, self._pid, self._connection.execute_script)


async def _downgrade(connection: Conducted, revision: Revision, app: str) -> None:
    """As aerich does, but outside of a transaction where the revision stands alone: aerich's own cannot."""
    await connection.execute_script(await load(revision).downgrade(connection))
    await Aerich.filter(app=app, version=revision.name).using_db(connection._connection).delete()
