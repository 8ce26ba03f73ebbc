"""alembic's entry for the raw command: under the lock of `crossdock migrate`, and on its conditions."""

from crossdock.migrations.tools.alembic_env import run_by_hand

run_by_hand()
