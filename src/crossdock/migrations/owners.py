"""Do the manifests and the chains agree on who migrates a table? A tool that is told otherwise would drop it."""

from collections.abc import Iterator, Sequence

from aerich.utils import decompress_dict

from crossdock.migrations.chain import Chain
from crossdock.migrations.files import literals
from crossdock.migrations.names import AERICH, ALEMBIC
from crossdock.migrations.revision import Revision
from crossdock.registry import Orm, Registry
from crossdock.schema.ownership import Misowned, check_ownership


def check_owners(registry: Registry, chains: Sequence[Chain]) -> None:
    """Raises Misowned with every fault of manifests and models, or else of manifests and chains."""
    check_ownership(registry)
    revisions = [revision for chain in chains if chain.tool == AERICH for revision in chain.revisions()]
    found = [*_not_handed_over(registry, revisions), *_handed_over_and_kept(registry, revisions)]
    if found:
        raise Misowned(" ".join(found))


def _not_handed_over(registry: Registry, revisions: Sequence[Revision]) -> Iterator[str]:
    """aerich compares the models with the state in the last file: a table that is not its own would be a DROP TABLE."""
    if not revisions:
        return
    given = {table: revision for revision in revisions for table, to in revision.handed_over.items() if to == ALEMBIC}
    for table in sorted(_state_tables(revisions[-1]) & set(registry.tables_of(Orm.SQLALCHEMY))):
        if table in given:
            yield (
                f"{revisions[-1].path.name} was written before {given[table].path.name} handed {table} over, and comes"
                " after it now: its MODELS_STATE has the table still. `crossdock migrate restate` writes it anew."
            )
        else:
            yield (
                f"The manifest says that alembic migrates {table}, and aerich's last file has it still: nobody handed"
                f" it over. Take that back in the manifest, then run `crossdock migrate handover {table} --to alembic`."
            )


def _handed_over_and_kept(registry: Registry, revisions: Sequence[Revision]) -> Iterator[str]:
    last = {table: to for revision in revisions for table, to in revision.handed_over.items()}
    for table in sorted(registry.tables_of(Orm.TORTOISE)):
        if last.get(table) == ALEMBIC and table not in _state_tables(revisions[-1]):
            yield (
                f"The manifest says that aerich migrates {table}, which was handed over to alembic. Take that back in"
                f" the manifest, then run `crossdock migrate handover {table} --to aerich`."
            )


def _state_tables(revision: Revision) -> set[str]:
    """The tables of a file's MODELS_STATE; none where it keeps no state."""
    state = literals(revision.path).get("MODELS_STATE")
    return {model["table"] for model in decompress_dict(state).values()} if state else set()
