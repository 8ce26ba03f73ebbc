"""What is found in a project: files of models with their tables, and the chains that migrate them."""

from collections.abc import Sequence
from dataclasses import dataclass

from crossdock.ids import Ids
from crossdock.registry import Orm


@dataclass(frozen=True, slots=True)
class ModelsFile:
    """`name` is dotted, `keys` are the kinds of the keys of its tables. `plain` are the tables of no class."""

    name: str
    orm: Orm
    tables: tuple[str, ...]
    keys: frozenset[Ids] = frozenset()
    plain: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class FoundChain:
    """What [tool.crossdock] says of one chain, and the models that it migrates."""

    table: dict[str, str]
    files: tuple[ModelsFile, ...]


def ids_of(files: Sequence[ModelsFile]) -> Ids:
    """The one kind of key that all tables have; text, which holds each kind, where they differ."""
    kinds = {kind for file in files for kind in file.keys}
    return kinds.pop() if len(kinds) == 1 else ("text" if kinds else "uuid")
