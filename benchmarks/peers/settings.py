"""What the peers share: where their database is, how many connections each may have, a fact of the domain."""

import os
from datetime import timedelta

POOL_MIN, POOL_MAX = 5, 20
"""As each of the service's two pools by default."""

HOST = os.environ.get("PGHOST", "localhost")
PORT = int(os.environ.get("PGPORT", "5432"))
USER = os.environ.get("PGUSER", "postgres")
DATABASE = os.environ.get("PGDATABASE", "postgres")
PASSWORD = os.environ.get("PGPASSWORD") or None

AWARD_TTL = timedelta(hours=2)
