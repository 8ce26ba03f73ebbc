"""The names of tables that no module owns: whoever asks for a name need not load an ORM."""

OWN_TABLES = ("outbox", "idempotency_keys", "tenancy_keys")

AERICH_TABLE, ALEMBIC_TABLE, OWN_VERSION_TABLE = "aerich", "alembic_version", "crossdock_version"
"""The version tables of aerich, of alembic where the application gives it no other name, and of the library's own
chain."""
JOURNAL_TABLE = "crossdock_journal"
MACHINERY = frozenset({AERICH_TABLE, ALEMBIC_TABLE, OWN_VERSION_TABLE, JOURNAL_TABLE})
"""The tables of the migration tools, and of the runner over them: neither a module's nor a model's."""
