"""The names of tables that no module owns: whoever asks for a name need not load an ORM."""

FIRST_OWN_TABLES = ("outbox", "idempotency_keys", "tenancy_keys")
"""Those that an application may have had before the library had a chain of its own."""
OWN_TABLES = (*FIRST_OWN_TABLES, "module_states", "module_changes", "module_comparisons", "module_mismatches")

AERICH_TABLE, ALEMBIC_TABLE, OWN_VERSION_TABLE = "aerich", "alembic_version", "crossdock_version"
"""The version tables of aerich, of alembic where the application gives it no other name, and of the library's own
chain."""
JOURNAL_TABLE = "crossdock_journal"
CAPTURE_TRIGGER = "crossdock_capture"
"""On each table while a module rehearses: no model and no rule says it."""
MACHINERY = frozenset({AERICH_TABLE, ALEMBIC_TABLE, OWN_VERSION_TABLE, JOURNAL_TABLE})
"""The tables of the migration tools, and of the runner over them: neither a module's nor a model's."""
