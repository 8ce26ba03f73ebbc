"""Do the tables fit this release, and is every one of them behind row level security?"""

import asyncpg

from crossdock.cli.diagnosis.check import Check, failed, ok, warning
from crossdock.kernel.config import Settings
from crossdock.kernel.migrations.status import Chains, ChainStatus
from crossdock.kernel.operations.environment import is_production

UNPROTECTED = """
SELECT c.relname AS name, c.relrowsecurity AS secured,
    EXISTS (SELECT FROM pg_policy WHERE polrelid = c.oid) AS has_policy
FROM pg_class c
WHERE c.relkind IN ('r', 'p') AND c.relnamespace = to_regnamespace($1) AND c.relname = ANY($2)
ORDER BY c.relname
"""


async def look_at_migrations(chains: Chains, direct: asyncpg.Connection) -> list[Check]:
    return [_chain(chain) for chain in await chains.status_on(direct)]


def _chain(chain: ChainStatus) -> Check:
    name = f"{chain.name} migrations"
    if chain.problems:
        return failed(name, "\n".join(chain.problems))
    if chain.pending:
        return failed(name, f"pending in {chain.tool}: {', '.join(chain.pending)}", "Run `crossdock migrate up`.")
    return ok(name, f"{len(chain.applied)} applied by {chain.tool}, none pending")


async def look_at_row_security(direct: asyncpg.Connection, schema: str, tables: list[str]) -> Check:
    """Of our own tables, those that are there: a missing one is a pending migration."""
    rows = await direct.fetch(UNPROTECTED, schema, tables)
    faults = [f"{row['name']} has it off" for row in rows if not row["secured"]]
    faults += [f"{row['name']} has no policy" for row in rows if row["secured"] and not row["has_policy"]]
    if faults:
        return failed(
            "row level security",
            ", ".join(faults),
            "Somebody took it away: put it back as the migrations have it, with ALTER TABLE ... ENABLE ROW LEVEL"
            " SECURITY and CREATE POLICY.",
        )
    return ok("row level security", f"on and with policies on all of our {len(rows)} tables")


async def look_at_mark(direct: asyncpg.Connection, settings: Settings) -> Check:
    marked = await is_production(direct)
    if marked and not settings.is_production:
        return warning(
            "environment",
            f"the database is marked as production, and this is {settings.environment}",
            "Set CROSSDOCK_ENVIRONMENT=production, or use another database.",
        )
    return ok("environment", "marked as production" if marked else "not marked as production")
