"""Writes events into the outbox, in the writer's transaction, on whatever connection that has."""

import json
from collections.abc import Sequence
from datetime import datetime

from crossdock.kernel.events.event import Event
from crossdock.kernel.ids import new_id
from crossdock.kernel.pools.tortoise_backend import Driver
from crossdock.kernel.tenancy.scope import Scope, Tenant

INSERT = """
INSERT INTO outbox (id, type, subject_id, company_id, actor_id, payload, created_at)
SELECT row.id, row.type, row.subject_id, $4, $5, row.payload, $7
FROM unnest($1::uuid[], $2::text[], $3::uuid[], $6::jsonb[]) AS row (id, type, subject_id, payload)
"""


async def record(driver: Driver, events: Sequence[Event], scope: Scope, now: datetime) -> None:
    """One statement for all events of a transaction. `company_id` is the company that acted, None for the platform."""
    await driver.execute(
        INSERT,
        [new_id() for _ in events],
        [event.type for event in events],
        [event.subject_id for event in events],
        scope.company_id if isinstance(scope, Tenant) else None,
        scope.actor_id,
        [json.dumps(event.payload()) for event in events],
        now,
    )
