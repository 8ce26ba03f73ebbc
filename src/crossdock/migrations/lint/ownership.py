"""Which chain owns a table when a revision runs: that of the manifest, or before a hand-over the other one."""

from collections.abc import Mapping, Sequence

from crossdock.migrations.lint.reading import Reading
from crossdock.migrations.names import OWN
from crossdock.migrations.revision import Revision
from crossdock.models.names import OWN_TABLES
from crossdock.registry import Orm, Registry
from crossdock.sql.shapes import made_tables


def first_owners(registry: Registry, readings: Sequence[Reading]) -> dict[str, str]:
    """Table → its chain before the first revision. A table of nobody, which is gone since, is that of its maker."""
    owners = {
        table: reading.revision.chain
        for reading in reversed(readings)
        for placed in reading.up.placed
        for table in made_tables(placed.statement)
    }
    owners |= {table: orm.tool for orm in Orm for table in registry.tables_of(orm)}
    if registry.application.library_tables is None:
        owners |= dict.fromkeys(OWN_TABLES, OWN)
    for reading in reversed(readings):
        owners |= {table: _other(chain) for table, chain in reading.revision.handed_over.items()}
    return owners


def after(owners: Mapping[str, str], revision: Revision) -> dict[str, str]:
    """The owners once a revision has run."""
    return {**owners, **revision.handed_over}


def _other(chain: str) -> str:
    return next(orm.tool for orm in Orm if orm.tool != chain)
