"""A PostgreSQL of our own, when none is configured, and a PgBouncer before it, when one is asked for."""

from crossdock.embedded.pooler import EmbeddedPooler
from crossdock.embedded.server import EmbeddedServer

__all__ = ["EmbeddedPooler", "EmbeddedServer"]
