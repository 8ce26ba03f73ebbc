"""An index that a model gains is written into aerich's revision as its own class says it."""

from collections.abc import Iterable
from typing import Any

from aerich.migrate import Migrate
from tortoise import Model
from tortoise.indexes import Index

from crossdock.schema.constraints import InSql

_add_index = Migrate._add_index
_drop_index = Migrate._drop_index


def keep_own_sql() -> None:
    """aerich keeps an index by its columns and its name, and reads a plain `Index` back: a unique index would not be
    unique, and words would stand where columns do. So the model's own index of that name is asked."""
    Migrate._add_index = _add  # type: ignore[method-assign,assignment]
    Migrate._drop_index = _drop  # type: ignore[method-assign,assignment]


def _add(model: type[Model], index: Iterable[str] | Index, unique: bool = False) -> str:
    return _add_index(model, _own(model, index), unique)


def _drop(model: type[Model], index: Iterable[str] | Index, unique: bool = False) -> str:
    own = _own(model, index)
    return own.undone(model) if isinstance(own, InSql) else _drop_index(model, own, unique)


def _own(model: type[Model], index: Iterable[str] | Index) -> Any:
    if not isinstance(index, Index) or index.name is None:
        return index
    named = (each for each in model._meta.indexes if isinstance(each, Index) and each.name == index.name)
    return next(named, index)
