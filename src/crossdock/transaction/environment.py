"""What every unit of work needs of the database that it is opened on."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from crossdock.clock import Clock
from crossdock.guards.guards import Guards
from crossdock.models.tables import OwnTables
from crossdock.pools import TortoisePool
from crossdock.tenancy import Signer, Statements, Tenancy
from crossdock.transaction.appending import Appending
from crossdock.transaction.stores import Stores


@dataclass(frozen=True, slots=True)
class Environment:
    """Made once, by `Database`. `take_key` reads the key that the signer lacks before the first tenant's unit.

    `commit_and_restore` is COMMIT in a session that stays ours, which is put back into its first state before it.
    """

    clock: Clock
    stores: Stores
    module_settings: Mapping[Any, Any]
    tenancy: Tenancy
    statements: Statements
    own_tables: OwnTables
    outbox: Appending
    signer: Signer
    take_key: Callable[[], Awaitable[None]]
    commit_and_restore: str
    tortoise: TortoisePool
    guards: Guards
