"""The MetaData of an application's SQLAlchemy models, whichever declarative base they have."""

from importlib import import_module

from sqlalchemy import MetaData

from crossdock.application import AlembicChain
from crossdock.errors import ConfigurationError
from crossdock.registry import Orm, Registry


def metadata_of(registry: Registry) -> MetaData:
    """With every table in it. Raises ConfigurationError where the application names what is none."""
    for file in registry.all_models(Orm.SQLALCHEMY):
        import_module(file)
    chain = registry.application.alembic
    path = chain.metadata if chain else AlembicChain.model_fields["metadata"].default
    named = registry.application.load(path)
    found = named if isinstance(named, MetaData) else getattr(named, "metadata", None)
    if not isinstance(found, MetaData):
        raise ConfigurationError(f"[tool.crossdock.alembic] names {path}, which is no MetaData and has none.")
    return found
