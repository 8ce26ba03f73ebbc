"""alembic's entry when the runner calls it: on the runner's connection. The project's own env.py is not run."""

from alembic import context

from crossdock.migrations.tools.alembic_env import run_given

if hasattr(context, "config"):  # only while alembic runs this file; for somebody who imports it there is nothing to do
    run_given()
