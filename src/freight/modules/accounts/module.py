"""Accounts: people, teams, sessions and sign-in."""

from crossdock.registry import Job, Module, Orm

MODULE = Module(
    name="accounts",
    orm=Orm.TORTOISE,
    summary="people, teams, sessions and sign-in",
    tables=("users", "user_history", "teams", "team_members", "sessions", "refresh_tokens", "sign_in_throttles"),
    store="AccountStore",
    router="routes:router",
    tags={
        "auth": "Registering a company, signing in, and the sessions that this opens.",
        "users": "You and your colleagues.",
        "teams": "Groups of colleagues.",
    },
    events=(
        "UserCreated",
        "UserChanged",
        "UserRoleChanged",
        "UserStatusChanged",
        "PasswordChanged",
        "TeamCreated",
        "MemberAdded",
        "MemberRemoved",
        "SessionOpened",
        "SessionRevoked",
    ),
    jobs=(Job("forget old sign-in failures and refresh tokens", "jobs:forget_old", every_s=300),),
)
