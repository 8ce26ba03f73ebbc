"""`make prove-policies`: what pgrls, a linter and prover by somebody else, finds in the policies of a new database.

It runs from an environment of its own, since its libraries are not those of Crossdock. It is shown what a tenant meets:
a migrated database without the platform's policies, which let the platform see all rows and are for no tenant. Exit
status 1 where it finds a leak, something that `pgrls.toml` does not allow, or cannot decide what it could before.
"""

import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import asyncpg

from crossdock.config.settings import Settings
from crossdock.embedded import EmbeddedServer
from crossdock.migrations.run.runner import Runner
from crossdock.registry import Registry
from freight.tenancy import TENANCY

CONFIG = Path(__file__).with_name("pgrls.toml")
DATABASE = "proved"
CONTEXT = ("current_company_id", "current_company_carries", "may_become_platform")
"""The functions that say who calls. Their value is the session's, not the row's."""

BOTH_SIDES = {"bid_history", "bids", "proofs_of_delivery", "shipment_events", "shipment_history", "shipments"}
SHARED = {"bookings", "companies"}
LISTS = {"ledger_accounts"}
PAIRS = {"ledger_resolutions", "ledger_transfers"}
PARENTS = {"booking_history", "outbox", "team_members", "user_history", "users"}
UNDECIDED = {
    "anon": SHARED | LISTS,
    "cross-tenant": BOTH_SIDES | SHARED | LISTS | PAIRS,
    "write": BOTH_SIDES | PARENTS,
}
"""What it cannot decide, and why: docs/operations/schema.md#proved-by-somebody-else."""

PLATFORMS = """
SELECT format('DROP POLICY %I ON %s', polname, polrelid::regclass) FROM pg_policy
WHERE polroles = ARRAY[(SELECT oid FROM pg_roles WHERE rolname = $1)]
"""


async def make(server: EmbeddedServer) -> str:
    """A new database as a tenant meets it; its URL."""
    connection = await asyncpg.connect(**server.superuser.with_database("postgres").asyncpg())
    await connection.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
    await connection.execute(f"CREATE DATABASE {DATABASE} OWNER {server.owner.user}")
    await connection.close()
    lanes = (address.with_database(DATABASE) for address in (server.tenants, server.owner, server.service))
    settings = Settings().with_database(*lanes)
    await Runner(settings, Registry.found()).up()
    superuser = server.superuser.with_database(DATABASE)
    connection = await asyncpg.connect(**superuser.asyncpg())
    for (statement,) in await connection.fetch(PLATFORMS, TENANCY.platform_role):
        await connection.execute(statement)
    await connection.close()
    return f"postgresql://{superuser.user}@/{DATABASE}?host={superuser.host}&port={superuser.port}"


def ask(program: str, url: str, *arguments: str) -> dict[str, Any]:
    """One command's answer. Status 1 is a finding; any other but 0 ends all."""
    command = [program, *arguments, "--database-url", url, "--config", str(CONFIG), "--format", "json"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    if ran.returncode not in (0, 1) or not ran.stdout:
        sys.exit(f"pgrls failed: {ran.stderr}")
    answer: dict[str, Any] = json.loads(ran.stdout)
    return answer


def linted(program: str, url: str) -> list[str]:
    """What its rules find."""
    return [
        f"{each['rule_id']} {each['location']}: {each['title']}" for each in ask(program, url, "lint")["violations"]
    ]


def proved(program: str, url: str, mode: str) -> list[str]:
    """A line for each table that is not as it should be. What was proved is printed."""
    context = [word for function in CONTEXT for word in ("--auth-function", function)]
    tables = {
        each["table"].removeprefix("public."): each["verdict"]
        for each in ask(program, url, "verify", "--mode", mode, *context)["tables"]
    }
    undecided = {table for table, verdict in tables.items() if verdict == "unverified"}
    leaks = [f"{mode}: {table} LEAKS" for table, verdict in tables.items() if verdict == "leak"]
    print(f"{mode}: {len(tables)} tables, {len(undecided)} undecided, {len(leaks)} leak")
    new = [f"{mode}: {table} was proved before, or is new: say why not" for table in undecided - UNDECIDED[mode]]
    old = [f"{mode}: {table} is decided now: take it out of UNDECIDED" for table in UNDECIDED[mode] - undecided]
    return sorted([*leaks, *new, *old])


def main(program: str, folder: str) -> None:
    with EmbeddedServer(Path(folder) / "postgresql") as server:
        url = asyncio.run(make(server))
        found = linted(program, url)
        print(f"lint: {len(found)} findings beside those that pgrls.toml allows")
        for mode in UNDECIDED:
            found += proved(program, url, mode)
    if found:
        sys.exit("\n".join(found))


if __name__ == "__main__":
    main(*sys.argv[1:])
