"""The chains of an application: whose revisions they are, where their files lie, and in which table their versions are.

The application says it. Nothing is guessed from where a file lies.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from crossdock.application import Application
from crossdock.migrations.names import ALEMBIC, OWN
from crossdock.migrations.revision import BrokenChain, Revision
from crossdock.migrations.tools.format import Format
from crossdock.migrations.tools.formats import FORMATS
from crossdock.models.names import OWN_VERSION_TABLE

OWN_LOCATION = Path(__file__).parent / "own"


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
    def format(self) -> Format:
        """How the tool writes its files and its version table."""
        return FORMATS[self.tool]

    @property
    def versions(self) -> tuple[str, Sequence[str]]:
        """A query for the versions, oldest first, and its parameters."""
        return self.format.versions(self.table, self.app)

    def revisions(self) -> list[Revision]:
        """Oldest first. Raises BrokenChain."""
        # A folder that is misspelled would be a chain without revisions. The library's own comes with it.
        if self.name != OWN and not self.location.is_dir():
            raise BrokenChain(f"[tool.crossdock.{self.tool}] names the folder {self.location}, which is not there.")
        return self.format.revisions(self.folder, self.name)


def chains_of(application: Application) -> tuple[Chain, ...]:
    """Those of the tools, as far as the application has them, then the library's own: what no NEEDS puts elsewhere runs
    in this order. The library's own chain is there once it has a revision."""
    places = {name: format.place(application) for name, format in FORMATS.items()}
    root = application.root
    found = [
        Chain(name, name, root, place.location, place.folder, place.table, place.app)
        for name, place in places.items()
        if place is not None
    ]
    return (*found, *_own())


def _own() -> Sequence[Chain]:
    chain = Chain(OWN, ALEMBIC, OWN_LOCATION, OWN_LOCATION, OWN_LOCATION / "versions", OWN_VERSION_TABLE)
    return (chain,) if chain.revisions() else ()
