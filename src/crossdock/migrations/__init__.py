"""One runner over aerich and alembic: all chains in one plan, under one advisory lock, on the direct lane."""
