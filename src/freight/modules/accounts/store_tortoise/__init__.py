"""The accounts store, on Tortoise."""

from crossdock.transaction import Unit
from freight.modules.accounts.store_tortoise.signing_in import (
    TortoiseSessionReads,
    TortoiseSessions,
    TortoiseThrottleReads,
    TortoiseThrottles,
)
from freight.modules.accounts.store_tortoise.staff import (
    TortoiseTeamReads,
    TortoiseTeams,
    TortoiseUserReads,
    TortoiseUsers,
)


class TortoiseAccountReads(TortoiseUserReads, TortoiseTeamReads, TortoiseSessionReads, TortoiseThrottleReads):
    def __init__(self, unit: Unit) -> None:
        """The models find the unit's connection by themselves."""


class TortoiseAccountStore(TortoiseUsers, TortoiseTeams, TortoiseSessions, TortoiseThrottles, TortoiseAccountReads):
    """The reads, and the commands, which need a transaction."""
