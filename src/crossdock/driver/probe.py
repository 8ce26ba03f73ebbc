"""A connection beside the pools that asks whether the database answers: readiness takes none from a request."""

import asyncpg

from crossdock.address import Address


class Probe:
    """At most one connection, opened when it is asked for and opened anew when it broke. One question at a time."""

    name = "health"

    def __init__(self, address: Address) -> None:
        self._address = address
        self._connection: asyncpg.Connection | None = None

    async def ask(self, timeout_s: float) -> None:
        """Raises what the driver raises. Prepares nothing, so that a transaction pooler may be in between."""
        if self._connection is None or self._connection.is_closed():
            name = self._address.named(self.name)
            self._connection = await asyncpg.connect(
                **self._address.asyncpg(timeout_s=timeout_s), server_settings={"application_name": name}
            )
        try:
            await self._connection.execute("SELECT 1", timeout=timeout_s)
        except BaseException:
            self.close()  # it may answer yet, and the next question would read that
            raise

    def close(self) -> None:
        """At once, waiting for nobody."""
        if self._connection is not None:
            self._connection.terminate()
            self._connection = None
