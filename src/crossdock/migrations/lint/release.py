"""What a release uses of the schema: kept when it is made, so that a later revision can be compared with it."""

import asyncio
import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crossdock.errors import ConfigurationError
from crossdock.migrations.chain import chains_of
from crossdock.migrations.names import spelled
from crossdock.migrations.revision import Revision
from crossdock.registry import Registry
from crossdock.schema.expected import NOWHERE, sqlalchemy_sql, tortoise_sql
from crossdock.sql.known import Known
from crossdock.sql.statement import statements

RELEASES = "releases"
"""The folder of a project in which its releases are described."""
FILE = "schema.json"


@dataclass(frozen=True, slots=True)
class Released:
    """A release: the columns of each table that its models use, and the revisions that it has."""

    version: str
    tables: Mapping[str, frozenset[str]]
    revisions: frozenset[str]

    def uses(self, table: str, column: str | None = None) -> bool:
        return table in self.tables and (column is None or column in self.tables[table])


def releases(folder: Path) -> list[Released]:
    """Oldest first. Raises ConfigurationError for a file that cannot be read."""
    found = [_load(path) for path in folder.glob(f"*/{FILE}")]
    return sorted(found, key=lambda release: [int(part) for part in release.version.split(".")])


def deployed_before(revision: Revision, known: Sequence[Released]) -> Released | None:
    """The release that is deployed when a revision comes: the newest that does not have it. So what the lint says of a
    revision stays the same after its own release."""
    older = [release for release in known if revision.key not in release.revisions]
    return older[-1] if older else None


def _load(path: Path) -> Released:
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        tables = {table: frozenset(columns) for table, columns in kept["tables"].items()}
        return Released(kept["release"], tables, frozenset(map(spelled, kept["revisions"])))
    except (ValueError, KeyError, AttributeError, TypeError) as error:
        raise ConfigurationError(f"{path} says nothing of a release ({error!r}): put it back (git restore).") from None


async def describe(version: str, registry: Registry) -> dict[str, Any]:
    """What `releases/<version>/schema.json` says, from the models of both ORMs and the files of its chains."""
    tables: dict[str, set[str]] = {}
    for sql in (await tortoise_sql(NOWHERE, registry), sqlalchemy_sql(registry)):
        known = Known()
        for statement in statements(sql):
            known.learn(statement, version)
        for name, table in known.tables.items():
            tables.setdefault(name, set()).update(table.columns)
    revisions = [revision.key for chain in chains_of(registry.application) for revision in chain.revisions()]
    columns = {table: sorted(names) for table, names in sorted(tables.items())}
    return {"release": version, "revisions": revisions, "tables": columns}


def write(version: str, folder: Path | None = None) -> Path:
    """Writes the file of a release from the tree as it is. Never a second time: a release does not change."""
    registry = Registry.found()
    path = (folder or registry.application.root / RELEASES) / version / FILE
    described = asyncio.run(describe(version, registry))
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("x", encoding="utf-8") as file:
        file.write(json.dumps(described, indent=2) + "\n")
    return path


if __name__ == "__main__":
    sys.stdout.write(f"{write(sys.argv[1])}\n")
