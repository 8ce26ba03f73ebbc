"""The pool `tortoise`: readings of the modules that are on Tortoise."""

from collections.abc import Iterable
from typing import Any
from weakref import WeakSet

import asyncpg
from tortoise import context as tortoise_context
from tortoise.context import TortoiseContext, _current_context

from crossdock.address import Address
from crossdock.config.settings import PoolSettings
from crossdock.driver.settings import DriverSettings
from crossdock.driver.tortoise_client import ALIAS, UnitClient
from crossdock.pools.checkout import Pool
from crossdock.pools.connections import PooledConnection

CONTEXTS: WeakSet[TortoiseContext] = WeakSet()
"""Those of our pools."""


class TortoisePool(Pool):
    """Tortoise's connections. Its context is entered per unit of work, so two of them can live in one process."""

    name = "tortoise"
    orm = "tortoise"

    def __init__(
        self, address: Address, settings: PoolSettings, driver: DriverSettings, models: Iterable[str], app: str
    ) -> None:
        super().__init__(address, settings)
        self.context = TortoiseContext()
        self._driver = driver
        self._models = tuple(models)
        self._app = app

    async def open(self) -> None:
        if self._models:  # Tortoise takes no configuration without models, and is not used where there are none
            with self.context:  # models look for the current context while they are set up
                await self.context.init(config=tortoise_config(self._models, self._app), use_tz=True, timezone="UTC")
        _take_the_place_outside_of_units(self.context)
        await super().open()

    async def _connect(self) -> PooledConnection:
        driver = await asyncpg.connect(
            **self.address.asyncpg(timeout_s=self.gate.timeout_s),
            **self._driver.asyncpg(),
            connection_class=self.connection_class,
            server_settings={"application_name": self.address.named(self.name)},
        )
        return PooledConnection(driver, keeps_session=await self._driver.prepare_session(driver))

    def enter(self, client: UnitClient) -> "EnteredTortoise":
        """Makes `client` what Tortoise's models use in this task, until `leave`."""
        return EnteredTortoise(self.context, client)


def _take_the_place_outside_of_units(context: TortoiseContext) -> None:
    """For tasks that no unit of work is entered in: there the models find the client that refuses them.

    A service that opens Tortoise by itself, before this, keeps its own place: code of it that uses no unit of work yet
    goes on as before. Units do not look there.
    """
    CONTEXTS.add(context)
    there = tortoise_context._global_context
    if there is None or there in CONTEXTS:
        tortoise_context._global_context = context


class EnteredTortoise:
    """Tortoise's current context and connection, for one block of one task.

    The variable itself, not `with context:`: that keeps its token on the context, where concurrent tasks overwrite it.
    """

    def __init__(self, context: TortoiseContext, client: UnitClient) -> None:
        self._handler = context.connections
        self._context_token = _current_context.set(context)
        self._connection_token = self._handler.set(ALIAS, client)

    def leave(self) -> None:
        # In the other order than they were set, and in the same task: a token is good in its own context alone.
        self._handler.reset(self._connection_token)
        _current_context.reset(self._context_token)


def tortoise_config(models: Iterable[str], app: str) -> dict[str, Any]:
    """What Tortoise's `init` takes: one alias, one app, every Tortoise module's models, and no way to connect."""
    return {
        "connections": {ALIAS: {"engine": "crossdock.driver.tortoise_client", "credentials": {}}},
        "apps": {app: {"models": list(models), "default_connection": ALIAS}},
        "use_tz": True,
        "timezone": "UTC",
    }
