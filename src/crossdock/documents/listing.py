"""A list as documents: a keyset page of things and the cursor of the next one, by one statement."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import product
from typing import Any, NamedTuple
from uuid import UUID

from pydantic import BaseModel
from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    FromClause,
    Integer,
    Select,
    SQLColumnExpression,
    String,
    Text,
    Uuid,
    bindparam,
    case,
    cast,
    func,
    select,
    type_coerce,
)
from sqlalchemy.sql.elements import UnaryExpression
from sqlalchemy.sql.operators import desc_op
from sqlalchemy.types import TypeEngine

from crossdock.documents.access_paths import AccessPath, Walk, by_paths
from crossdock.documents.annotations import kind_of
from crossdock.documents.document import Document
from crossdock.documents.errors import CannotCompile
from crossdock.documents.fields import Fields, Source
from crossdock.documents.objects import Scope, object_of, table_of
from crossdock.documents.page import LIMIT_MAX, Page, WrongCursor
from crossdock.documents.reader import Reader
from crossdock.documents.rules import word
from crossdock.driver.compiled import Compiled, compiled
from crossdock.errors import ProgrammingError
from crossdock.ids import Key
from crossdock.tenancy import Tenant

FILTERS_MAX = 4
"""Each doubles the number of statements."""


class Variant(NamedTuple):
    """Is there a cursor, which filters are asked for, does a tenant ask? Each has a statement, and so a plan, of its
    own."""

    has_cursor: bool
    asked: frozenset[str]
    by_paths: bool = False


class Listing:
    """`books = Listing(BookPage, Book, {...}, order_by=Book.id.desc(), filters={...})`

    `schema` is the page's: `items` and `next_cursor`. `order_by` is one column that no two rows of the list share.
    A condition of `filters` holds where its parameter, which has the same name, is given and not None. `under` is the
    one row that the list hangs on, and how it is found: without it there is no list. `paths` are
    all reasons for which a tenant sees a row, where the policy has more than one. The platform sees every row, so they
    are not used for it.
    """

    def __init__(
        self,
        schema: type[BaseModel],
        source: Source,
        fields: Fields | None = None,
        *,
        order_by: SQLColumnExpression[Any],
        where: ColumnElement[bool] | None = None,
        filters: Mapping[str, ColumnElement[bool]] | None = None,
        under: tuple[Source, ColumnElement[bool]] | None = None,
        tables: FromClause | None = None,
        paths: Sequence[AccessPath] = (),
    ) -> None:
        self.schema = schema
        self.source = source
        self.fields = fields or {}
        self.order_by = order_by
        self.where = where
        self.filters = filters or {}
        self.under = under
        self.tables = tables
        self.paths = paths

    async def read(self, reader: Reader, page: Page, **given: Any) -> Document:
        """A page of a list that hangs on nothing. Raises WrongCursor."""
        document = await self.find(reader, page, **given)
        assert document is not None
        return document

    async def find(self, reader: Reader, page: Page, **given: Any) -> Document | None:
        """The same of a list `under` a row: None where that row is not there to see."""
        if page.limit > LIMIT_MAX:
            raise ProgrammingError(f"A page has at most {LIMIT_MAX} things, and {page.limit} were asked for.")
        if page.after is not None and not isinstance(page.after, self._kind.python):
            raise WrongCursor(field="query.cursor")
        asked = {name: value for name, value in given.items() if value is not None}
        is_by_paths = bool(self.paths) and isinstance(reader.scope, Tenant)
        variant = Variant(page.after is not None, frozenset(asked.keys() & self.filters.keys()), is_by_paths)
        cursor = {} if page.after is None else {"after": page.after}
        statement = self.compiled[variant]
        row = await reader.first(statement.sql, statement.arguments({**asked, **cursor, "limit": page.limit}))
        if row is None:
            return None
        if row[0] is None:
            raise WrongCursor(field="query.cursor")
        return Document(row[0].encode())

    @cached_property
    def compiled(self) -> Mapping[Variant, Compiled]:
        """Raises CannotCompile."""
        done = {variant: compiled(self._query(variant)) for variant in self._variants()}
        for variant, statement in done.items():
            for name in variant.asked - set(statement.names):
                raise CannotCompile(self.schema.__name__, f"the filter {name} has no parameter of that name")
        return done

    @property
    def statements(self) -> Mapping[str, Compiled]:
        """When which statement is run → the statement."""
        return {self._when(variant): statement for variant, statement in self.compiled.items()}

    def _when(self, variant: Variant) -> str:
        filters = (f"by {name}" for name in sorted(variant.asked))
        who = ["for the platform"] if self.paths and not variant.by_paths else []
        return ", ".join(["after a cursor" if variant.has_cursor else "from the start", *filters, *who])

    def _variants(self) -> Iterator[Variant]:
        if len(self.filters) > FILTERS_MAX:
            raise CannotCompile(self.schema.__name__, f"it has more than {FILTERS_MAX} filters")
        if self.paths and not (self._is_by_id and self.under is None and self.tables is None):
            raise CannotCompile(
                self.schema.__name__, "a list by paths is one of a single table, in the order of its id"
            )
        for has_cursor, *is_asked in product((False, True), repeat=1 + len(self.filters)):
            asked = frozenset(name for name, is_in in zip(self.filters, is_asked, strict=True) if is_in)
            for is_by_paths in (True, False) if self.paths else (False,):
                yield Variant(has_cursor, asked, is_by_paths)

    def _query(self, variant: Variant) -> Select[Any]:
        conditions = [] if self.where is None else [self.where]
        anchor = self._anchor(conditions) if variant.has_cursor else None
        conditions += [self.filters[name] for name in sorted(variant.asked)]
        if anchor is not None:
            conditions.append(self._key < anchor if self._is_descending else self._key > anchor)
        body = self._page(conditions, is_by_paths=variant.by_paths)
        if anchor is not None and not self._is_by_id:
            body = case((anchor.is_not(None), body))
        if self.under is None:
            return select(body)
        parent, found = self.under
        return select(body).select_from(parent).where(found)

    def _page(self, conditions: list[ColumnElement[bool]], *, is_by_paths: bool) -> ColumnElement[Any]:
        """One more row than asked for shows whether there is a next page.

        The inner limit is a constant: with a parameter alone the planner expects a tenth of the table, and makes a new
        plan at each call. It costs nothing: the outer limit stops asking for rows.
        """
        scope = Scope(self.source)
        asked = bindparam("limit", type_=Integer)
        text = object_of(self._item, self.fields, scope)
        most = scope.select(self._id.label("id"), text.label("json"), tables=self.tables)
        most = most.order_by(self.order_by).limit(LIMIT_MAX + 1)
        most = by_paths(most, self.paths, self._walk(asked + 1), conditions) if is_by_paths else most.where(*conditions)
        if self.under is not None:
            most = most.correlate(self.under[0])
        shown = select(most.subquery("most")).limit(asked + 1).subquery("shown")
        texts = type_coerce(func.array_agg(shown.c.json), ARRAY(Text))
        ids = type_coerce(func.array_agg(shown.c.id), ARRAY(self._kind.stored))
        cursor = case((func.count() > asked, self._kind.cursor(ids[asked])), else_=word("null"))
        items = func.array_to_string(texts[1:asked], word(","))
        body = func.concat(word('{"items":['), items, word('],"next_cursor":'), cursor, word("}"), type_=Text)
        page = select(body).select_from(shown)
        return (page if self.under is None else page.correlate(self.under[0])).scalar_subquery()

    def _walk(self, asked: ColumnElement[int]) -> Walk:
        return Walk(table_of(self.source), self._id, self._is_descending, LIMIT_MAX + 1, asked)

    def _anchor(self, conditions: list[ColumnElement[bool]]) -> Any:
        """Where the page before ended. In a list by id the cursor says it itself."""
        after = bindparam("after", type_=self._kind.stored())
        if self._is_by_id:
            return after
        query = select(self._key).select_from(self.source).where(*conditions, self._id == after)
        return (query if self.under is None else query.correlate(self.under[0])).scalar_subquery()

    @property
    def _item(self) -> type[BaseModel]:
        names = tuple(self.schema.model_fields)
        item = kind_of(self.schema.model_fields["items"].annotation).model if "items" in names else None
        if names != ("items", "next_cursor") or item is None:
            raise CannotCompile(self.schema.__name__, "a page has `items`, a list, and `next_cursor`, and nothing else")
        return item

    @property
    def _key(self) -> Any:
        return self.order_by.element if isinstance(self.order_by, UnaryExpression) else self.order_by

    @property
    def _is_descending(self) -> bool:
        return isinstance(self.order_by, UnaryExpression) and self.order_by.modifier is desc_op

    @property
    def _id(self) -> Any:
        """The key of a row: the column `id`, or else the only one of the table's primary key."""
        named = getattr(self.source.c if isinstance(self.source, FromClause) else self.source, "id", None)
        if named is not None:
            return named
        primary = tuple(table_of(self.source).primary_key)
        if len(primary) != 1:
            raise CannotCompile(self.schema.__name__, f"{self.source} has no column `id`, and no key of one column")
        return primary[0]

    @property
    def _is_by_id(self) -> bool:
        return bool(self._key.key == self._id.key)

    @cached_property
    def _kind(self) -> "KeyKind":
        """Raises CannotCompile."""
        for stored, kind in KEY_KINDS:
            if isinstance(self._id.type, stored):
                return kind
        raise CannotCompile(self.schema.__name__, f"its key is {self._id.type!r}, and a cursor has no such value")


class KeyKind(NamedTuple):
    """A type of keys: in Python, in PostgreSQL, and the bytes that a cursor has of it."""

    python: type[Key]
    stored: type[TypeEngine[Any]]
    content: Callable[[ColumnElement[Any]], ColumnElement[Any]]

    def cursor(self, last: ColumnElement[Any]) -> ColumnElement[str]:
        """As `encode_cursor` makes it. PostgreSQL breaks the lines of base64, which a long text may have."""
        breaks = "" if self.python is not str else "\n"
        text = func.translate(func.encode(self.content(last), word("base64")), word("+/=" + breaks), word("-_"))
        return word('"').concat(text).concat(word('"'))


# A whole number is sent as bigint, however wide its column is: a cursor may hold any, and an index serves both.
KEY_KINDS: tuple[tuple[type[TypeEngine[Any]], KeyKind], ...] = (
    (Uuid, KeyKind(UUID, Uuid, func.uuid_send)),
    (Integer, KeyKind(int, BigInteger, lambda key: func.int8send(cast(key, BigInteger)))),
    (String, KeyKind(str, Text, lambda key: func.convert_to(key, word("UTF8")))),
)
