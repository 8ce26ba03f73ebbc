"""The lanes as they are found at the start: which of them go through a pooler, and what is done without there."""

from dataclasses import dataclass

from crossdock.address import Address
from crossdock.config.settings import Settings
from crossdock.driver.pooler import Pooler, find_pooler


@dataclass(frozen=True, slots=True)
class PooledLane:
    """`ways`: what stands before PostgreSQL at each address of the lane, None for nothing. `prepares`: whether prepared
    statements are used: the settings allow them, and each pooler carries them."""

    ways: dict[Address, Pooler | None]
    prepares: bool

    @property
    def poolers(self) -> list[Pooler]:
        """Each once."""
        return list(dict.fromkeys(pooler for pooler in self.ways.values() if pooler is not None))

    def __str__(self) -> str:
        places = " and ".join(dict.fromkeys(address.place for address in self.ways))
        via = f" via {' and '.join(map(str, self.poolers))}" if self.poolers else ", no pooler before it"
        return f"pooled lane at {places}{via}{'' if self.prepares else ', without prepared statements'}"


async def find_pooled_lane(settings: Settings) -> PooledLane:
    """Asks each of its addresses. Raises DatabaseUnavailable, and StatementPooling for a pooler that nothing of ours
    could go through."""
    ways = {address: await find_pooler(address) for address in dict.fromkeys((settings.pooled, settings.platform))}
    carried = all(pooler is None or pooler.carries_prepared for pooler in ways.values())
    return PooledLane(ways, settings.prepares and carried)
