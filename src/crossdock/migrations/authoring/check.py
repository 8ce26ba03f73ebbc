"""`migrate check`: do models, chains and database say the same? Every difference in a line."""

from dataclasses import dataclass

from crossdock.driver.connection import connect
from crossdock.migrations.names import AERICH, ALEMBIC
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
    found = [
        Disagreement("models and aerich chain", f"aerich would write: {line}. {WRITE}")
        for line in await _differences(runner, AERICH)
    ]
    behind = await _behind(runner)
    if behind:
        return found + behind  # whatever else differs would be a consequence
    found += [
        Disagreement("models and database", f"alembic would write: {line}. {WRITE}")
        for line in await _differences(runner, ALEMBIC)
    ]
    return found + [
        Disagreement("models and database", difference.line)
        for difference in await drift.check(runner.chains.address, registry)
    ]


async def _differences(runner: Runner, tool: str) -> list[str]:
    chain = runner.chains.of_tool(tool)
    return await runner.tools[chain.name].differences() if chain else []


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
