"""What the accounts module asks of its store."""

from typing import Protocol

from freight.modules.accounts.store.signing_in import SessionStore, ThrottleStore
from freight.modules.accounts.store.staff import TeamStore, UserStore


class AccountStore(UserStore, TeamStore, SessionStore, ThrottleStore, Protocol):
    """Users, teams, sessions and counts of failed sign-ins."""
