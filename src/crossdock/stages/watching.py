"""Knows the state of every module in this process, and hears of a change within a second."""

import asyncio
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import asyncpg
import structlog

from crossdock.address import Address
from crossdock.errors import Conflict
from crossdock.registry import Orm
from crossdock.stages.stage import Stage
from crossdock.stages.state import ModuleState, not_moving

log = structlog.get_logger(__name__)

CHANNEL = "crossdock_modules"
"""Each change of `module_states` is notified on it, by a trigger."""
NAME = "stages"
UNREADABLE = (
    "The login of DIRECT_URL may not read module_states, so modules are answered for as their manifests say:"
    " give it that right, or use the owner of the tables."
)
TIMEOUT_S = 5.0
RETRY_S = 0.5
"""Between two tries to connect, so that a change is heard within a second of the server's return."""

COLUMNS = "module, control, stage, share, sample, since, read_only, reason, changed_by, changed_at, version"
READ = f"SELECT {COLUMNS} FROM module_states"  # noqa: S608  columns of our own


class UnknownStage(Conflict):
    """The module is at a stage that this release does not know.

    Use the commands of the newer release, which has brought it there.
    """


class Stages:
    """Listens on one connection of the direct lane. Open it once for a process.

    While the connection is lost, the last known states count, for `deaf_max_s`. After that each module is answered for
    as its manifest says: both stores work on the same tables, so that is right, if not what the operator asked for. A
    module that was read-only stays so: writing again is the one thing that may be wrong.
    """

    def __init__(self, address: Address, *, poll_s: float, deaf_max_s: float) -> None:
        self._address = address
        self._poll_s = poll_s
        self._deaf_max_s = deaf_max_s
        self._states: dict[str, ModuleState] = {}
        self._heard_at = time.monotonic()
        self._changed = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._is_unreadable = False
        self.is_listening = False

    @property
    def is_deaf(self) -> bool:
        """Nothing was heard of the database for longer than the limit."""
        return time.monotonic() - self._heard_at > self._deaf_max_s

    def of(self, module: str) -> ModuleState:
        """What is known of a module."""
        known = self._states.get(module)
        if known is None:
            return not_moving(module)
        if self.is_deaf:
            return ModuleState(module, read_only=known.read_only, reason=known.reason)
        return known

    async def open(self) -> None:
        """Reads all states, then listens. A database that is not migrated yet has none."""
        connection = await self._connect()
        try:
            await self._listen(connection)
        except BaseException:
            connection.terminate()
            raise
        self._task = asyncio.create_task(self._keep_listening(connection), name="crossdock stages")

    async def close(self) -> None:
        """Stops listening."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    async def _keep_listening(self, connection: asyncpg.Connection) -> None:
        while True:
            try:
                await self._follow(connection)
            except Exception as error:
                # Whatever it is: a connection that is cut off between two statements raises the driver's internal
                # errors too, and a task that ended here would never hear again.
                log.warning("stages_lost", error=repr(error), known_for_s=self._deaf_max_s)
            finally:
                self.is_listening = False
                connection.terminate()
            connection = await self._reconnect()

    async def _reconnect(self) -> asyncpg.Connection:
        while True:
            await asyncio.sleep(RETRY_S)
            with suppress(Exception):  # as above; the loss is logged already, and once
                connection = await self._connect()
                try:
                    await self._listen(connection)
                except BaseException:
                    connection.terminate()
                    raise
                log.info("stages_heard_again")
                return connection

    async def _follow(self, connection: asyncpg.Connection) -> None:
        """Reads anew at each notification, and now and then without one: a connection may be dead and not know it."""
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._poll_s):
                    await self._changed.wait()
            # Before the read: what is changed while it runs is read once more.
            self._changed.clear()
            await self._read(connection)

    async def _connect(self) -> asyncpg.Connection:
        connection: asyncpg.Connection = await asyncpg.connect(
            **self._address.asyncpg(timeout_s=TIMEOUT_S),
            command_timeout=TIMEOUT_S,
            server_settings={
                "application_name": self._address.named(NAME),
                "search_path": f"{self._address.schema}, pg_temp",
            },
        )
        return connection

    async def _listen(self, connection: asyncpg.Connection) -> None:
        # Before the read: what is changed between the two is notified, and read again.
        await connection.add_listener(CHANNEL, self._hear)
        connection.add_termination_listener(self._hear_end)
        await self._read(connection)
        self.is_listening = True

    async def _read(self, connection: asyncpg.Connection) -> None:
        try:
            rows = await connection.fetch(READ)
            self._is_unreadable = False
        except asyncpg.UndefinedTableError:
            rows = []  # not migrated yet
        except asyncpg.InsufficientPrivilegeError:
            if not self._is_unreadable:  # once, and not at each poll
                log.warning("stages_unreadable", advice=UNREADABLE)
            self._is_unreadable, rows = True, []
        self._states = {row["module"]: _known(row) for row in rows}
        self._heard_at = time.monotonic()

    def _hear(self, *_: object) -> None:
        self._changed.set()

    def _hear_end(self, *_: object) -> None:
        """The next read fails at once, and a new connection is made."""
        self._changed.set()


def state_of(row: Mapping[str, Any]) -> ModuleState:
    """Of a row with those columns. Raises UnknownStage."""
    control, stage = row["control"], row["stage"]
    try:
        known: dict[str, Any] = {
            "control": Orm(control) if control else None,
            "stage": Stage(stage) if stage else None,
        }
    except ValueError:
        raise UnknownStage(
            f"{row['module']} is at {stage}, which this release does not know: use the newer one."
            f" Or mend its row, where it was changed by hand (control {control})."
        ) from None
    if known["control"] is None:
        known["stage"] = None  # by hand: without a control nothing moves
    elif known["stage"] is None:
        known["stage"] = Stage(known["control"].value)  # by hand: its control answers, as at the beginning
    return ModuleState(**{**row, **known})


def _known(row: asyncpg.Record) -> ModuleState:
    """As much of it as this release understands: it answers as its manifest says where a newer one knows more."""
    try:
        return state_of(row)
    except UnknownStage as unknown:
        log.warning("stage_unknown", advice=str(unknown))
        return ModuleState(row["module"], read_only=row["read_only"], reason=row["reason"], version=row["version"])
