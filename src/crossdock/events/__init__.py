"""Events: rows in the outbox, written in the transaction of the effect that they tell of."""

from crossdock.events.event import Event

__all__ = ["Event"]
