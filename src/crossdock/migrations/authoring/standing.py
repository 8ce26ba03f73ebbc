"""Refuses to write a revision on a database that has not run every file of this release: it would begin elsewhere."""

from crossdock.errors import Conflict
from crossdock.migrations.history.reading import MigrationsRefused
from crossdock.migrations.status import Chains


class Behind(Conflict):
    """The database is behind this release: run `crossdock migrate up` first."""


async def need_current(chains: Chains) -> None:
    """Raises Behind, and MigrationsRefused where files, version tables and journal disagree."""
    problems = [problem for chain in await chains.status() for problem in chain.problems]
    if problems:
        raise MigrationsRefused("\n".join([*problems, "Nothing was written."]))
    await need_nothing_pending(chains)


async def need_nothing_pending(chains: Chains) -> None:
    """Raises Behind, with the first of the revisions that are missing."""
    pending = {f"{chain.name}:{name}" for chain in await chains.status() for name in chain.pending}
    missing = [f"{each.chain}:{each.number}" for each in chains.revisions if each.key in pending]
    if missing:
        first, *others = missing
        more = f" and {len(others)} more" if others else ""
        raise Behind(f"{chains.address} is behind this release ({first}{more}): run `crossdock migrate up` first.")
