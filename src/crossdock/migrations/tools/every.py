"""The tool of each chain, for the runner and the lint: both tools are loaded here."""

from collections.abc import Callable, Sequence

from crossdock.address import Address
from crossdock.migrations.chain import Chain
from crossdock.migrations.names import AERICH, ALEMBIC
from crossdock.migrations.tools.aerich_tool import AerichTool
from crossdock.migrations.tools.alembic_tool import AlembicTool
from crossdock.migrations.tools.tool import Tool
from crossdock.registry import Registry

TOOLS: dict[str, Callable[[Address, Registry, Chain], Tool]] = {AERICH: AerichTool, ALEMBIC: AlembicTool}


def tools_of(address: Address, registry: Registry, chains: Sequence[Chain]) -> dict[str, Tool]:
    """Name of a chain → what runs its revisions."""
    return {chain.name: TOOLS[chain.tool](address, registry, chain) for chain in chains}
