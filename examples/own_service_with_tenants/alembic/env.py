"""alembic's entry for the raw command: on the same address, and under the same lock, as `crossdock migrate`."""

from crossdock.migrations.tools.alembic_env import run_by_hand

run_by_hand()
