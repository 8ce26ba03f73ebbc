"""Who is measured: the service as it is, the same with its bookings on Tortoise again, and its peers."""

import sys
from dataclasses import dataclass
from pathlib import Path

from crossdock.address import Address

PROGRAMS = Path(sys.executable).parent


@dataclass(frozen=True, slots=True)
class Contestant:
    """One server that can be started. `name` is how the command line and the results call it."""

    name: str
    title: str
    is_ours: bool = False

    def command(self, port: int, workers: int = 1) -> list[str]:
        """The program, to be run in the root folder of the project."""
        if self.name == "new":
            return [str(PROGRAMS / "crossdock"), "serve", "--port", str(port), "--workers", str(workers), "--json"]
        if self.is_ours:
            return [sys.executable, "-m", "benchmarks.ours", str(port), str(workers)]
        return [sys.executable, "-m", "benchmarks.peers", self.name, str(port)]


NEW = Contestant("new", "Crossdock, as it is served", is_ours=True)
OLD = Contestant("old", "Crossdock, bookings on Tortoise", is_ours=True)
SQLALCHEMY = Contestant("fastapi_sqlalchemy", "FastAPI + SQLAlchemy ORM")
TORTOISE = Contestant("fastapi_tortoise", "FastAPI + Tortoise")
BARE = Contestant("bare", "bare ASGI + asyncpg")
ALL = {contestant.name: contestant for contestant in (NEW, OLD, SQLALCHEMY, TORTOISE, BARE)}


def environment(
    contestant: Contestant, *, service: Address, owner: Address, superuser: Address, secret: str
) -> dict[str, str]:
    """The variables that tell a server where its database is: the service's own, or libpq's for a peer."""
    if not contestant.is_ours:
        return {
            "PGHOST": superuser.host,
            "PGPORT": str(superuser.port),
            "PGUSER": superuser.user,
            "PGDATABASE": superuser.database,
            "PGPASSWORD": superuser.password or "",
        }
    return {
        "DATABASE_URL": service.url,
        "DIRECT_URL": owner.url,
        "CROSSDOCK_ENVIRONMENT": "production",
        "CROSSDOCK_AUTH__SECRET": secret,
        "CROSSDOCK_AUTH__ACCESS_TTL_S": "86400",
        "CROSSDOCK_LOG__FORMAT": "json",
    }
