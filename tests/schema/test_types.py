"""The library's own types in a revision that alembic writes: it needs nothing to be imported."""

from enum import IntEnum

import pytest
from alembic.autogenerate import produce_migrations, render_python_code
from alembic.migration import MigrationContext
from sqlalchemy import Column, Integer, MetaData, Table

from crossdock.config.settings import Settings
from crossdock.migrations.tools.alembic_tool import migration_engine, plain_type
from crossdock.models.types import EnumNumber, Microseconds


class Level(IntEnum):
    LOW = 1


TYPES = {"lasts": (Microseconds(), "sa.BigInteger()"), "level": (EnumNumber(Level), "sa.SmallInteger()")}


@pytest.mark.parametrize("name", TYPES)
async def test_a_revision_names_postgresqls_type(empty: Settings, name: str) -> None:
    """As alembic writes it, from a model."""
    kind, written = TYPES[name]
    metadata = MetaData()
    Table("things", metadata, Column("id", Integer, primary_key=True), Column(name, kind))
    engine = migration_engine(empty.direct)
    async with engine.connect() as connection:
        code = await connection.run_sync(lambda sync: _code(sync, metadata))
    await engine.dispose()
    assert f"sa.Column('{name}', {written}, nullable=True)" in code


def _code(connection: object, metadata: MetaData) -> str:
    context = MigrationContext.configure(connection, opts={"render_item": plain_type})  # type: ignore[arg-type]
    operations = produce_migrations(context, metadata).upgrade_ops
    assert operations is not None
    return str(render_python_code(operations, render_item=plain_type, migration_context=context))
