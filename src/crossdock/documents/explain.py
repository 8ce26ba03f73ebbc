"""The plan that PostgreSQL keeps for a document's statement, whatever its parameters."""

from typing import Any

import orjson

from crossdock.driver.compiled import Compiled
from crossdock.transaction.transaction import Transaction


async def explain(unit: Transaction, statement: Compiled) -> str:
    """For people."""
    rows = (await _explained(unit, statement, "TEXT")).all()
    return "\n".join(row[0] for row in rows)


async def plan(unit: Transaction, statement: Compiled) -> dict[str, Any]:
    """For programs: the plan as PostgreSQL's JSON has it."""
    found: list[dict[str, Any]] = orjson.loads((await _explained(unit, statement, "JSON")).scalar_one())
    return found[0]


async def _explained(unit: Transaction, statement: Compiled, form: str) -> Any:
    """A reading may be without a transaction, where SET LOCAL does nothing. PREPARE outlives one, so it is taken back:
    behind a pooler the next client would find it."""
    nulls = ", ".join("NULL" for _ in statement.names)
    await unit.sql.exec_driver_sql("SET LOCAL plan_cache_mode = force_generic_plan")
    await unit.sql.exec_driver_sql(f"PREPARE crossdock_explained AS {statement.sql}")
    try:
        called = f"crossdock_explained({nulls})" if nulls else "crossdock_explained"
        return await unit.sql.exec_driver_sql(f"EXPLAIN (FORMAT {form}) EXECUTE {called}")
    finally:
        await unit.sql.exec_driver_sql("DEALLOCATE crossdock_explained")
