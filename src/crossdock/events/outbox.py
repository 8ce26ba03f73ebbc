"""Events as rows of the outbox, which are written in the writer's transaction."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from crossdock.events.event import Event
from crossdock.ids import new_id
from crossdock.tenancy.scope import Scope, Tenant


def outbox_rows(events: Sequence[Event], scope: Scope, now: datetime) -> list[dict[str, Any]]:
    """`company_id` is the company that acted, None for the platform."""
    company_id = scope.company_id if isinstance(scope, Tenant) else None
    return [
        {
            "id": new_id(),
            "type": event.type,
            "subject_id": event.subject_id,
            "company_id": company_id,
            "actor_id": scope.actor_id,
            "payload": event.payload(),
            "created_at": now,
            "published_at": None,
        }
        for event in events
    ]
