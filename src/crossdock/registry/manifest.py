"""The manifest: what a module is, at most a screen. Reading all manifests is reading the architecture."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from pydantic_settings import BaseSettings


class Orm(StrEnum):
    """Which ORM holds the truth of a module. The value is the suffix of its store and its models."""

    TORTOISE = "tortoise"
    SQLALCHEMY = "sqlalchemy"

    @property
    def tool(self) -> str:
        """The migration tool of its tables."""
        return "aerich" if self is Orm.TORTOISE else "alembic"

    @property
    def other(self) -> "Orm":
        return Orm.SQLALCHEMY if self is Orm.TORTOISE else Orm.TORTOISE


class Lane(StrEnum):
    """`pooled`: through the transaction pooler when there is one. `direct`: needs a session (LISTEN, realtime)."""

    POOLED = "pooled"
    DIRECT = "direct"


@dataclass(frozen=True, slots=True)
class Job:
    """Work that comes round by itself. `run` names a function of the module: `async def f(database) -> int`."""

    name: str
    run: str
    every_s: float


@dataclass(frozen=True, slots=True)
class Module:
    """One part of the business. Code is named relative to the module's package: a manifest imports nothing heavy.

    `store` names the contract in `store.py`, as in `BookStore`; the class that fulfils it is `TortoiseBookStore`
    in `store_tortoise.py` or `SqlAlchemyBookStore` in `store_sqlalchemy.py`, as `orm` says. The contract of its
    reads is `BookReads`, and is fulfilled in the same files. `events` are the types put in the outbox. `tags` are
    those of the router's operations, each with what the API's documentation says of it.

    `package` is the module's own, which those names are relative to: the folder of its manifest or, where manifests are
    listed in one file, the folder of its name beside that file. `models` are the dotted names of the files with its
    models; without them `models_tortoise` and `models_sqlalchemy` of the package. Of the named ones, what ends in
    `_tortoise` or `_sqlalchemy` is that ORM's. Any other is that of `orm`, or of the other ORM where a name among them
    ends in `orm`'s: `models` beside `models_sqlalchemy` stays Tortoise's when the module has moved. Several modules may
    name one file: which of its tables are whose, `tables` says.

    The chain of a table's migrations is that of `orm`, but for the tables in `migrated_by`: each of these was handed
    over already, or is still to be.
    """

    name: str
    orm: Orm
    tables: tuple[str, ...]
    lane: Lane = Lane.POOLED
    store: str | None = None
    router: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)
    events: tuple[str, ...] = ()
    jobs: tuple[Job, ...] = ()
    settings: type[BaseSettings] | None = None
    summary: str = ""
    migrated_by: Mapping[str, Orm] = field(default_factory=dict)
    models: tuple[str, ...] = ()
    package: str | None = None

    def tool_of(self, table: str) -> Orm:
        """The ORM whose chain migrates one of its tables."""
        return self.migrated_by.get(table, self.orm)

    def models_of(self, orm: Orm) -> tuple[str, ...]:
        """Of the named files, those with an ORM's models."""
        has_own = any(_named_orm(file) is self.orm for file in self.models)
        others = self.orm.other if has_own else self.orm
        return tuple(file for file in self.models if (_named_orm(file) or others) is orm)


def _named_orm(file: str) -> Orm | None:
    return next((orm for orm in Orm if file.endswith(f"_{orm.value}")), None)
