"""Demo data: what an application gives `crossdock seed` and `crossdock serve --demo` to make."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from crossdock.config.settings import Settings
from crossdock.driver.connection import connect
from crossdock.errors import ConfigurationError
from crossdock.operations.environment import is_production
from crossdock.registry import Registry

Progress = Callable[[int, int], None]
"""Called with how much is done, and of how much."""


class MakeDemo(Protocol):
    """Makes the data in a migrated database: twice is the same as once.

    `scale` is how much more to make than the least. Returns how many things were made, 0 where all were there.
    """

    async def __call__(
        self, settings: Any, registry: Registry, *, scale: int = 0, progress: Progress | None = None
    ) -> int: ...


@dataclass(frozen=True, slots=True)
class Demo:
    """`emails` are those that a visitor signs in with, and `password` is that of each."""

    make: MakeDemo
    emails: tuple[str, ...] = ()
    password: str = ""


def demo_of(registry: Registry) -> Demo:
    """Raises ConfigurationError for an application that has none."""
    named = registry.application.demo
    if named is None:
        raise ConfigurationError("There is no demo data: name what makes it as `demo` in [tool.crossdock].")
    demo = registry.application.load(named)
    if not isinstance(demo, Demo):
        raise ConfigurationError(f"{named} is no crossdock.operations.demo.Demo.")
    return demo


async def refuse_production(settings: Settings) -> None:
    """Raises ConfigurationError where the environment, or the database's own mark, says production."""
    direct = await connect(settings.direct)
    try:
        if settings.is_production or await is_production(direct):
            raise ConfigurationError(
                f"The demo data is refused: {settings.direct} is production, and the demo's passwords are public."
            )
    finally:
        await direct.close()
