"""Events as rows of the outbox, which are written in the writer's transaction."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from crossdock.events.event import Event
from crossdock.ids import new_id


def outbox_rows(
    events: Sequence[Event], tenant_key: Mapping[str, Any], actor_id: Any, now: datetime
) -> list[dict[str, Any]]:
    """`tenant_key` says which tenant acted, None in each column for the platform."""
    return [
        {
            "id": new_id(),
            "type": event.type,
            "subject_id": event.subject_id,
            **tenant_key,
            "actor_id": actor_id,
            "payload": event.payload(),
            "created_at": now,
            "published_at": None,
        }
        for event in events
    ]
