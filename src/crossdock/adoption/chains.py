"""The revisions of the chains that are taken over: what Crossdock cannot run or compare, and what to do about it."""

import re
from collections.abc import Iterator
from pathlib import Path

from crossdock.application import AerichChain, AlembicChain, Application
from crossdock.migrations.chain import chains_of
from crossdock.migrations.files import literals
from crossdock.migrations.names import AERICH, ALEMBIC, OWN
from crossdock.migrations.revision import BrokenChain, Revision

CREATED = {
    AERICH: re.compile(r'CREATE TABLE (?:IF NOT EXISTS )?"?(\w+)"?', re.IGNORECASE),
    ALEMBIC: re.compile(r"""create_table\(\s*["'](\w+)["']|CREATE TABLE (?:IF NOT EXISTS )?"?(\w+)"?"""),
}
"""How a revision of each tool makes a table."""
OLD_FORMAT = (
    "{count} of {folder} are of an old format of aerich's, without MODELS_STATE: they can be run, but `crossdock"
    " migrate new` and `check` cannot compare the models with them. Run `aerich fix-migrations` on a database that has"
    " them all, before the first `crossdock migrate up` writes down their checksums."
)
SQL_FILES = (
    "{folder} has .sql files, of aerich before 0.7, which nothing reads any more. Upgrade aerich first, and make one"
    " new chain: `aerich init-db` on an empty database, then `aerich upgrade --fake` on those that have the tables."
)
BROKEN = (
    "{error} Crossdock runs one line of revisions. Where all databases have every revision, the files can be put in one"
    " line without touching a database: let the first revision of one branch follow the last one of the other"
    " (`down_revision`), and the merge follow that branch's last alone. Until then `crossdock migrate` refuses to run."
)
DEPENDS = (
    "{name} has depends_on, which Crossdock does not read: it runs revisions in the order of down_revision. Look"
    " whether that order serves, and write NEEDS = (...) for a revision of the other chain."
)


def note_chains(application: Application, points: list[str]) -> None:
    """Adds what has to be decided about the revisions of either chain."""
    for chain in chains_of(application):
        if chain.name == OWN:
            continue
        shown = _shown(application, chain.folder)
        if chain.tool == AERICH and any(chain.folder.glob("*.sql")):
            points.append(SQL_FILES.format(folder=shown))
        try:
            revisions = chain.revisions()
        except BrokenChain as error:
            points.append(BROKEN.format(error=error))
            continue
        points += _of_aerich(revisions, shown) if chain.tool == AERICH else _of_alembic(revisions)


def _shown(application: Application, folder: Path) -> str:
    return str(folder.relative_to(application.root)) if folder.is_relative_to(application.root) else str(folder)


def _of_aerich(revisions: list[Revision], folder: str) -> Iterator[str]:
    old = [revision for revision in revisions if "MODELS_STATE" not in literals(revision.path)]
    if old and old[-1] is revisions[-1]:
        yield OLD_FORMAT.format(count=f"{len(old)} of the {len(revisions)} files", folder=folder)


def _of_alembic(revisions: list[Revision]) -> Iterator[str]:
    for revision in revisions:
        if literals(revision.path).get("depends_on"):
            yield DEPENDS.format(name=revision.path.name)


def made_by(application: Application) -> dict[str, set[str]]:
    """Tool → the tables that its revisions make."""
    folders: dict[str, tuple[AerichChain | AlembicChain | None, str]] = {
        AERICH: (application.aerich, application.tortoise_app),
        ALEMBIC: (application.alembic, "versions"),
    }
    return {
        tool: _made_in(application.folder(chain) / inside, tool) if chain else set()
        for tool, (chain, inside) in folders.items()
    }


def _made_in(folder: Path, tool: str) -> set[str]:
    texts = [path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.py"))]
    found = [match.groups() for text in texts for match in CREATED[tool].finditer(text)]
    return {name for groups in found for name in groups if name}
