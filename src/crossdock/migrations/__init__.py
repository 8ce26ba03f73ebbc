"""One runner over aerich and alembic: both chains in one plan, under one advisory lock, on the direct lane."""
