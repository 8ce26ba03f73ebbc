"""Any document's answer made the long way: SQLAlchemy's values, put into the schema by Pydantic, for whoever asks."""

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from decimal import Decimal
from typing import Any

from pydantic import BaseModel
from sqlalchemy import ColumnElement, FromClause, inspect, select, text

from crossdock.documents.annotations import kind_of
from crossdock.documents.catalogue import catalogue
from crossdock.documents.fields import Fields, Part, Row, Rows, Source
from crossdock.documents.listing import Listing
from crossdock.documents.single import Single
from crossdock.registry import Registry
from crossdock.transaction import Database, Transaction
from freight.tenancy import TENANCY, CompanyScope
from tests.application import FREIGHT
from tests.stores.rows import PLATFORM

Values = dict[str, Any]
CATALOGUE = catalogue(Registry.discover(FREIGHT))


async def become(tx: Transaction, someone: CompanyScope) -> None:
    """Goes on in the platform's transaction with a tenant's eyes: it sees what is not committed."""
    tx.scope = someone
    await tx.sql.execute(text(f"SET LOCAL ROLE {TENANCY.tenant_role}"))
    for setting, value in TENANCY.settings_of(someone).items():
        await tx.sql.execute(text("SELECT set_config(:setting, :value, true)"), {"setting": setting, "value": value})


async def single(tx: Transaction, document: Single, given: Values) -> BaseModel | None:
    """The thing that a document of one is to show."""
    query = Query(document.source, document.tables, [document.where], given)
    found = await _objects(tx, query, document.schema, document.fields)
    return document.schema.model_validate(found[0]) if found else None


async def items(tx: Transaction, document: Listing, given: Values) -> list[BaseModel]:
    """All that a list is to show, page after page, in its order."""
    schema = kind_of(document.schema.model_fields["items"].annotation).model
    assert schema is not None
    conditions = [] if document.where is None else [document.where]
    conditions += [condition for name, condition in document.filters.items() if given.get(name) is not None]
    others: list[FromClause] = []
    if document.under is not None:
        others, conditions = [_table(document.under[0])], [*conditions, document.under[1]]
    query = Query(document.source, document.tables, conditions, given, others=others, order_by=document.order_by)
    return [schema.model_validate(each) for each in await _objects(tx, query, schema, document.fields)]


class Query:
    """The rows of one source, and the conditions that find them."""

    def __init__(
        self,
        source: Source,
        tables: FromClause | None,
        conditions: Sequence[ColumnElement[bool]],
        given: Values,
        *,
        others: Sequence[FromClause] = (),
        order_by: Any = None,
    ) -> None:
        self.source, self.tables, self.conditions = source, tables, list(conditions)
        self.given, self.others, self.order_by = given, list(others), order_by

    def of(self, nested: Row | Rows, key: Any) -> "Query":
        """The rows that hang on one row of this query."""
        own = _table(self.source).c.id == key
        order_by = nested.order_by if isinstance(nested, Rows) else None
        return Query(nested.of, None, [nested.on, own], {}, others=[_table(self.source)], order_by=order_by)

    async def values(self, tx: Transaction, columns: Sequence[Any]) -> list[tuple[Any, ...]]:
        """Each row's key, and the columns' values as SQLAlchemy makes them."""
        query = select(_table(self.source).c.id, *columns).select_from(
            self.source if self.tables is None else self.tables, *self.others
        )
        query = query.where(*self.conditions).order_by(self.order_by)
        return [tuple(found) for found in await tx.sql.execute(query, self.given)]


async def _objects(tx: Transaction, query: Query, schema: type[BaseModel], fields: Fields) -> list[Values]:
    """One dictionary for each row, in the shape of the schema."""
    leaves: list[Any] = []
    _leaves(query.source, schema, fields, leaves)
    made = []
    for key, *values in await query.values(tx, leaves):
        made.append(await _object(tx, query, key, schema, fields, values=iter(values)))
    return made


def _leaves(source: Source | None, schema: type[BaseModel], fields: Fields, leaves: list[Any]) -> None:
    """The columns of an object and of its parts, in the order that `_object` takes their values."""
    for name in schema.model_fields:
        declared = fields.get(name)
        if isinstance(declared, Part):
            leaves.append(True if declared.condition is None else declared.condition)
            _leaves(None, _model(schema, name), declared.fields, leaves)
        elif not isinstance(declared, Row | Rows):
            leaves.append(_attribute(source, name) if declared is None else declared)


async def _object(
    tx: Transaction, query: Query, key: Any, schema: type[BaseModel], fields: Fields, *, values: Any
) -> Values:
    made: Values = {}
    for name, field in schema.model_fields.items():
        declared = fields.get(name)
        if isinstance(declared, Part):
            is_there = next(values)
            inner = await _object(tx, query, key, _model(schema, name), declared.fields, values=values)
            made[name] = inner if is_there or not kind_of(field.annotation).optional else None
        elif isinstance(declared, Row | Rows):
            found = await _objects(tx, query.of(declared, key), _model(schema, name), declared.fields)
            made[name] = found[: declared.limit] if isinstance(declared, Rows) else next(iter(found), None)
        else:
            made[name] = next(values)
    return made


def _model(schema: type[BaseModel], name: str) -> type[BaseModel]:
    model = kind_of(schema.model_fields[name].annotation).model
    assert model is not None
    return model


def _attribute(source: Source | None, name: str) -> Any:
    assert source is not None
    return source.c[name] if isinstance(source, FromClause) else getattr(source, name)


def _table(source: Source) -> FromClause:
    table: FromClause = inspect(source).selectable
    return table


class Undo(Exception):
    """Ends a transaction without a trace."""


@asynccontextmanager
async def undone(database: Database) -> AsyncIterator[Transaction]:
    """The platform's transaction, in a session with habits of its own; nothing stays."""
    with suppress(Undo):
        async with database.transaction(PLATFORM) as tx:
            await tx.sql.execute(text("SET LOCAL TIME ZONE 'Australia/Adelaide'"))
            await tx.sql.execute(text("SET LOCAL datestyle = 'SQL, DMY'"))
            yield tx
            raise Undo


def meaning(body: str | bytes) -> Any:
    """A JSON text key by key, in order, with its numbers to the last digit, however they are spelled."""
    return json.loads(body, object_pairs_hook=list, parse_float=Decimal, parse_int=Decimal)
