"""aerich and alembic, each behind the same few verbs; and both when they are called by hand."""
