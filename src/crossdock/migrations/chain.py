"""The chains of an application: whose revisions they are, where their files lie, and in which table their versions are.

The application says it. Nothing is guessed from where a file lies.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from crossdock.application import Application
from crossdock.migrations.files import aerich_revisions, alembic_revisions
from crossdock.migrations.names import AERICH, ALEMBIC, OWN
from crossdock.migrations.revision import Revision
from crossdock.models.names import AERICH_TABLE, OWN_VERSION_TABLE

OWN_LOCATION = Path(__file__).parent / "own"

TABLES = {
    AERICH: """
        CREATE TABLE IF NOT EXISTS {table} (
            id serial PRIMARY KEY,
            version varchar(255) NOT NULL,
            app varchar(100) NOT NULL,
            content jsonb NOT NULL
        )""",
    ALEMBIC: """
        CREATE TABLE IF NOT EXISTS {table} (
            version_num varchar(32) NOT NULL,
            CONSTRAINT {table}_pkc PRIMARY KEY (version_num)
        )""",
}
"""The version tables as the tools make them."""
COLUMNS = {AERICH: "version", ALEMBIC: "version_num"}


@dataclass(frozen=True)
class Chain:
    """One tool's revisions. `root` is the folder of the project, `location` the folder that the tool is given, and
    `folder` the one inside it with the revisions. `table` is the tool's own version table; `app` is aerich's word for a
    group of models, several of which may share that table."""

    name: str
    tool: str
    root: Path
    location: Path
    folder: Path
    table: str
    app: str = ""

    @property
    def keeps_every_row(self) -> bool:
        """aerich's table has a row for each revision; alembic's has the last one alone."""
        return self.tool == AERICH

    @property
    def versions(self) -> tuple[str, Sequence[str]]:
        """A query for the versions, oldest first, and its parameters."""
        if self.tool == AERICH:
            return f"SELECT version FROM {self.table} WHERE app = $1 ORDER BY id", (self.app,)  # noqa: S608
        return f"SELECT version_num FROM {self.table}", ()  # noqa: S608

    @property
    def table_sql(self) -> str:
        """Makes the version table where it is not there."""
        return TABLES[self.tool].format(table=self.table)

    @property
    def column(self) -> str:
        """Of the version table: where the name of a revision is."""
        return COLUMNS[self.tool]

    def revisions(self) -> list[Revision]:
        """Oldest first. Raises BrokenChain."""
        read = aerich_revisions if self.tool == AERICH else alembic_revisions
        return read(self.folder, self.name)


def chains_of(application: Application) -> tuple[Chain, ...]:
    """aerich's and alembic's, as far as the application has them, then the library's own: what no NEEDS puts elsewhere
    runs in this order. The library's own chain is there once it has a revision."""
    return (*_of_aerich(application), *_of_alembic(application), *_own())


def _of_aerich(application: Application) -> Sequence[Chain]:
    said = application.aerich
    if said is None:
        return ()
    location = application.folder(said)
    return (Chain(AERICH, AERICH, application.root, location, location / said.app, AERICH_TABLE, said.app),)


def _of_alembic(application: Application) -> Sequence[Chain]:
    said = application.alembic
    if said is None:
        return ()
    location = application.folder(said)
    return (Chain(ALEMBIC, ALEMBIC, application.root, location, location / "versions", said.version_table),)


def _own() -> Sequence[Chain]:
    chain = Chain(OWN, ALEMBIC, OWN_LOCATION, OWN_LOCATION, OWN_LOCATION / "versions", OWN_VERSION_TABLE)
    return (chain,) if chain.revisions() else ()
