"""The accounts store, on Tortoise."""

from crossdock.transaction import Unit
from freight.modules.accounts.store_tortoise.signing_in import TortoiseSessions, TortoiseThrottles
from freight.modules.accounts.store_tortoise.staff import TortoiseTeams, TortoiseUsers


class TortoiseAccountStore(TortoiseUsers, TortoiseTeams, TortoiseSessions, TortoiseThrottles):
    def __init__(self, unit: Unit) -> None:
        """The models find the unit's connection by themselves."""
