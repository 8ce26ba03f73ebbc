"""The library's own chain: alembic revisions of the tables that the library brings along, in `versions/`."""
