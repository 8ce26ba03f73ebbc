"""The names of tools, chains and version tables, once: whoever asks for a name loads neither tool for it."""

AERICH, ALEMBIC = "aerich", "alembic"
"""The tools."""

LEGACY, NEW, OWN = "legacy", "new", "crossdock"
"""The chains. The last one is the library's own, whose files lie inside the package."""

AERICH_TABLE, ALEMBIC_TABLE, OWN_TABLE = "aerich", "alembic_version", "crossdock_version"
"""The version tables; alembic's is called so where the application gives it no other name."""
