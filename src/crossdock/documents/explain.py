"""The plan that PostgreSQL keeps for a document's statement, whatever its parameters."""

from typing import Any

import orjson
from sqlalchemy.ext.asyncio import AsyncConnection

from crossdock.driver.compiled import Compiled
from crossdock.guards import SessionFeatureUsed, allow


async def explain(connection: AsyncConnection, statement: Compiled) -> str:
    """For people. `connection` is a transaction's `sql`."""
    rows = (await _explained(connection, statement, "TEXT")).all()
    return "\n".join(row[0] for row in rows)


async def plan(connection: AsyncConnection, statement: Compiled) -> dict[str, Any]:
    """For programs, of a transaction's `sql` too: the plan as PostgreSQL's JSON has it."""
    found: list[dict[str, Any]] = orjson.loads((await _explained(connection, statement, "JSON")).scalar_one())
    return found[0]


async def _explained(connection: AsyncConnection, statement: Compiled, form: str) -> Any:
    """A reading may be without a transaction, where SET LOCAL does nothing. PREPARE outlives one, so it is taken back:
    behind a pooler the next client would find it."""
    nulls = ", ".join("NULL" for _ in statement.names)
    called = f"crossdock_explained({nulls})" if nulls else "crossdock_explained"
    await connection.exec_driver_sql("SET LOCAL plan_cache_mode = force_generic_plan")
    with allow(SessionFeatureUsed, because="it is taken back in the same transaction"):
        await connection.exec_driver_sql(f"PREPARE crossdock_explained AS {statement.sql}")
        try:
            return await connection.exec_driver_sql(f"EXPLAIN (FORMAT {form}) EXECUTE {called}")
        finally:
            await connection.exec_driver_sql("DEALLOCATE crossdock_explained")
