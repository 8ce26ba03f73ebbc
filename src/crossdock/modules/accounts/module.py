"""Accounts: people, teams, sessions and sign-in."""

from crossdock.kernel.registry import Module, Orm

MODULE = Module(
    name="accounts",
    orm=Orm.TORTOISE,
    summary="people, teams, sessions and sign-in",
    tables=("users", "user_history", "teams", "team_members", "sessions", "refresh_tokens", "sign_in_throttles"),
    store="AccountStore",
    router="routes:router",
)
