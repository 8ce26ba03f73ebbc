"""Do the manifests and the chains agree on who migrates a table? A tool that compares with a wrong state drops it."""

from collections.abc import Iterator, Sequence

from crossdock.application import Application
from crossdock.migrations.chain import Chain
from crossdock.migrations.names import OWN
from crossdock.migrations.revision import NoSuchRevision, find
from crossdock.registry import Orm, Registry
from crossdock.schema.ownership import Misowned, check_ownership


def check_owners(registry: Registry, chains: Sequence[Chain]) -> None:
    """Raises Misowned with every fault of manifests and models, or else of manifests and chains; and for
    a `library_tables` that no chain has."""
    check_ownership(registry)
    _check_library_tables(registry.application, chains)
    found = [
        fault
        for orm in Orm
        for chain in chains
        if chain.name == orm.tool and chain.format.keeps_state
        for fault in (*_not_handed_over(registry, chain, orm.other), *_handed_over_and_kept(registry, chain, orm))
    ]
    if found:
        raise Misowned(" ".join(found))


def _check_library_tables(application: Application, chains: Sequence[Chain]) -> None:
    """Where a chain of the application has made the library's own tables, the library's chain makes none: they would be
    nowhere if that revision did not exist."""
    if application.library_tables is not None:
        revisions = [each for chain in chains if chain.name != OWN for each in chain.revisions()]
        try:
            find(revisions, application.library_tables)
        except NoSuchRevision as error:
            raise Misowned(f"`library_tables` in [tool.crossdock] names no revision of the project: {error}") from None


def _not_handed_over(registry: Registry, chain: Chain, taker: Orm) -> Iterator[str]:
    """The tool compares the models with the state in the last file: a table that is not its own would be a DROP
    TABLE."""
    revisions = chain.revisions()
    if not revisions:
        return
    last = revisions[-1]
    given = {table: each for each in revisions for table, to in each.handed_over.items() if to == taker.tool}
    for table in sorted(chain.format.state_tables(last) & set(registry.tables_of(taker))):
        if table in given:
            yield (
                f"{last.path.name} was written before {given[table].path.name} handed {table} over, and comes after it"
                " now: its MODELS_STATE has the table still. `crossdock migrate restate` writes it anew."
            )
        else:
            yield (
                f"The manifest says that {taker.tool} migrates {table}, and {chain.tool}'s last file has it still:"
                " nobody handed it over. Take that back in the manifest, then run"
                f" `crossdock migrate handover {table} --to {taker.tool}`."
            )


def _handed_over_and_kept(registry: Registry, chain: Chain, giver: Orm) -> Iterator[str]:
    revisions, other = chain.revisions(), giver.other.tool
    last = {table: to for revision in revisions for table, to in revision.handed_over.items()}
    for table in sorted(registry.tables_of(giver)):
        if last.get(table) == other and table not in chain.format.state_tables(revisions[-1]):
            yield (
                f"The manifest says that {chain.tool} migrates {table}, which was handed over to {other}. Take that"
                f" back in the manifest, then run `crossdock migrate handover {table} --to {giver.tool}`."
            )
