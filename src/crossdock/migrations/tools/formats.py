"""The formats of the tools, by their names: a third tool is one more line here and in `every.py`."""

from crossdock.migrations.names import AERICH, ALEMBIC
from crossdock.migrations.tools.aerich_format import AerichFormat
from crossdock.migrations.tools.alembic_format import AlembicFormat
from crossdock.migrations.tools.format import Format

FORMATS: dict[str, Format] = {AERICH: AerichFormat(), ALEMBIC: AlembicFormat()}
"""In the order in which chains run where no NEEDS says otherwise."""
