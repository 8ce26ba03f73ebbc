"""The contract of the accounts store: what a store of either ORM must do."""

from typing import Protocol

from freight.modules.accounts.store.signing_in import SessionReads, SessionStore, ThrottleReads, ThrottleStore
from freight.modules.accounts.store.staff import TeamReads, TeamStore, UserReads, UserStore


class AccountReads(UserReads, TeamReads, SessionReads, ThrottleReads, Protocol):
    """Users, teams, sessions and counts of failed sign-ins."""


class AccountStore(UserStore, TeamStore, SessionStore, ThrottleStore, Protocol):
    """The reads, and the commands, which need a transaction."""
