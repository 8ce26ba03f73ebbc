"""Events: rows in the outbox, written in the transaction of the effect that they are about."""

from crossdock.events.event import Event

__all__ = ["Event"]
