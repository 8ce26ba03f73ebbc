"""A PostgreSQL of our own, when none is configured."""

from crossdock.embedded.server import EmbeddedServer

__all__ = ["EmbeddedServer"]
