"""`migrate check`: do models, chains and database say the same? Every difference in a line."""

from dataclasses import dataclass

from crossdock.driver.connection import connect
from crossdock.migrations.chain import Chain
from crossdock.migrations.names import OWN
from crossdock.migrations.owners import check_owners
from crossdock.migrations.run.runner import Runner
from crossdock.registry import Registry
from crossdock.schema import drift

WRITE = 'Where the models are right: `crossdock migrate new -m "..." --module ...`.'


@dataclass(frozen=True, slots=True)
class Disagreement:
    """`between` are the two that differ, as in `models and aerich chain`."""

    between: str
    what: str


async def check(runner: Runner, registry: Registry) -> list[Disagreement]:
    """None when all agree. Raises Misowned, BrokenChain and MigrationsRefused: with these nothing can be compared."""
    check_owners(registry, runner.chains.chains)
    found = await _differences(runner, with_state=True)
    behind = await _behind(runner)
    if behind:
        return found + behind  # whatever else differs would be a consequence
    found += await _differences(runner, with_state=False)
    return found + [
        Disagreement("models and database", difference.line)
        for difference in await drift.check(runner.chains.address, registry)
    ]


async def _differences(runner: Runner, *, with_state: bool) -> list[Disagreement]:
    """Of the tools that compare with the state in their files, or of those that compare with the database."""
    return [
        Disagreement(f"models and {f'{chain.name} chain' if with_state else 'database'}", _would_write(chain, line))
        for chain in runner.chains.chains
        if chain.name != OWN and chain.format.keeps_state is with_state
        for line in await runner.tools[chain.name].differences()
    ]


def _would_write(chain: Chain, line: str) -> str:
    return f"{chain.tool} would write: {line}. {WRITE}"


async def _behind(runner: Runner) -> list[Disagreement]:
    connection = await connect(runner.chains.address)
    try:
        chains = await runner.chains.status_on(connection)
    finally:
        await connection.close()
    return [
        Disagreement(f"{chain.name} chain and database", what)
        for chain in chains
        for what in (*chain.problems, *(f"{name} is pending: run `crossdock migrate up`" for name in chain.pending))
    ]
