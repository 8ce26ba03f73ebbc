"""A migrated database with rows and a copy of the project: what bad input, kills and deploys are tried on."""

from dataclasses import dataclass
from typing import Any

import asyncpg
import pytest

from crossdock.cli.main import in_one_line
from crossdock.config.settings import Settings
from crossdock.errors import CrossdockError
from crossdock.migrations.run.runner import Runner
from crossdock.models.names import MACHINERY
from tests.acceptance.process import Ran
from tests.migrations.catalogue import Catalogue, read
from tests.migrations.copies import Project
from tests.world import Server

TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1"
ROWS = """
SELECT count(*) || ' ' || coalesce(md5(string_agg(r::text, E'\\n' ORDER BY r::text)), '')
FROM {table} t, LATERAL (SELECT {row}) AS r(r)
"""

INVALID = "SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid"


@dataclass(frozen=True)
class State:
    """What is in a database: `rows` are a count and a checksum for each table."""

    catalogue: Catalogue
    rows: dict[str, str]

    @property
    def data(self) -> dict[str, str]:
        """Without the rows of the tools' own tables."""
        return {table: rows for table, rows in self.rows.items() if table not in MACHINERY}


@dataclass(frozen=True)
class Scene:
    server: Server
    settings: Settings
    project: Project

    @property
    def runner(self) -> Runner:
        """A new one: it reads the files once."""
        return self.project.runner(self.settings)

    async def sql(self, query: str, *arguments: Any) -> list[asyncpg.Record]:
        """As the superuser, by the name that psql gives itself."""
        connection = await self.server.connect(self.settings.direct.database)
        try:
            await connection.execute("SET application_name = 'psql'")
            if not arguments and ";" in query:
                await connection.execute(query)
                return []
            rows: list[asyncpg.Record] = await connection.fetch(query, *arguments)
            return rows
        finally:
            await connection.close()

    async def state(self, *, timeless: bool = False) -> State:
        """`timeless`: two runs make the same, though each says another time and draws another key."""
        row = "to_jsonb(t) - 'created_at' - 'updated_at' - 'secret'" if timeless else "t"
        return await state(self.server, self.settings.direct.database, row)

    async def versions(self) -> dict[str, list[str]]:
        """What either tool's own table says."""
        legacy = await self.sql("SELECT version FROM aerich ORDER BY id")
        new = await self.sql("SELECT version_num FROM alembic_version")
        return {"aerich": [row[0] for row in legacy], "alembic": [row[0] for row in new]}

    async def migrate(self, *arguments: str, **variables: str) -> Ran:
        """`crossdock migrate ...` of the copy, in a process of its own."""
        return await self.project.crossdock("migrate", *arguments, settings=self.settings, **variables)

    async def refused(self, *words: str, **options: Any) -> str:
        """`up` is refused in these words, which are returned, and the database is as before to the last row."""
        before = await self.state()
        with pytest.raises((CrossdockError, asyncpg.PostgresError)) as caught:
            await self.runner.up(**options)
        assert await self.state() == before
        said = " ".join((in_one_line(caught.value) or "").split())  # as the command tells it
        assert [word for word in words if word not in said] == []
        return said

    async def told(self, *words: str, arguments: tuple[str, ...] = ("up",)) -> None:
        """The command itself ends with status 1 and one line with these words; the database is as before."""
        before = await self.state()
        ran = await self.migrate(*arguments)
        assert ran.is_one_line(*words), ran
        assert await self.state() == before

    async def is_current(self) -> bool:
        return all(chain.is_current for chain in await self.runner.status())


async def state(server: Server, database: str, row: str = "t") -> State:
    connection = await server.connect(database)
    try:
        tables = [row[0] for row in await connection.fetch(TABLES)]
        rows = {table: await connection.fetchval(ROWS.format(table=table, row=row)) for table in tables}
        return State(await read(connection), rows)
    finally:
        await connection.close()
