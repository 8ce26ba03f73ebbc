"""Writes rows through one ORM and reads them through the other, both ways, until a value comes back as another."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, tzinfo
from itertools import zip_longest
from typing import Any

from crossdock.clock import now
from crossdock.errors import ConfigurationError, CrossdockError
from crossdock.registry import Orm
from crossdock.schema.sync.both import Both, Values
from crossdock.schema.sync.description import Field, Made, Model, Value
from crossdock.schema.sync.values import odd_values

SHOWN = 80
"""Characters of a value in a message."""


class ReadOtherwise(ConfigurationError):
    """A value that one ORM writes is another value for the other ORM."""


async def round_trips(both: Both, models: Sequence[Model]) -> int:
    """The number of rows that were written and read. Raises ReadOtherwise with table, column and value."""
    count = 0
    for model in models:
        if model.table.name in both.sides:
            for row in odd_rows(model):
                await round_trip(both, model, row)
                count += len(Orm)
            await same_defaults(both, model)
    return count


def odd_rows(model: Model) -> Iterator[Values]:
    """Rows in which each odd value of each column is there once. Where the row with NULL is, all of them may be."""
    given = [field for field in model.fields if is_given(field)]
    columns = {field.column: odd_values(field.type) for field in given}
    for values in zip_longest(*columns.values()):
        row = zip(columns.items(), values, strict=True)
        yield {name: all_of[0] if value is None else value for (name, all_of), value in row}
    key = model.table.primary_key
    nullable = {
        name for name in columns if model.table.columns[name].nullable and name not in (key.columns if key else ())
    }
    if nullable:
        yield {name: None if name in nullable else values[0] for name, values in columns.items()}


async def round_trip(both: Both, model: Model, row: Values) -> None:
    """One row, both ways. Raises ReadOtherwise."""
    sides = both.sides[model.table.name]
    for writer in Orm:
        async with both.undone():
            try:
                await sides[writer].write(row)
                found = await sides[writer.other].read()
            except Exception as error:
                raise _failed(model, row, writer, error) from error
            for column, value in row.items():
                if not same(value, found[column]):
                    raise ReadOtherwise(
                        f"{model.table.name}.{column}: {writer.value} wrote {_short(value)}, and {writer.other.value}"
                        f" read {_short(found[column])}."
                    )


async def same_defaults(both: Both, model: Model) -> None:
    """A row of which only what has no default is given: both ORMs must fill in the rest alike. Raises ReadOtherwise."""
    given = {field.column: odd_values(field.type)[0] for field in model.fields if _must_be_given(model, field)}
    found = {}
    for writer in Orm:
        async with both.undone():
            side = both.sides[model.table.name][writer]
            try:
                await side.write(given)
                found[writer] = await side.read()
            except Exception as error:
                raise _failed(model, given, writer, error) from error
    for field in model.fields:
        one, other = (found[orm][field.column] for orm in Orm)
        if not (
            type(one) is type(other) if isinstance(field.default, Made) else _same_default(model, field, one, other)
        ):
            raise ReadOtherwise(
                f"{model.table.name}.{field.column}: left out, it becomes {_short(one)} in {Orm.TORTOISE.value} and"
                f" {_short(other)} in {Orm.SQLALCHEMY.value}."
            )


def _same_default(model: Model, field: Field, one: Any, other: Any) -> bool:
    """What PostgreSQL makes anew for each row is only there."""
    column = model.table.columns[field.column]
    return (column.is_serial or column.default is not None) or same(one, other)


def _must_be_given(model: Model, field: Field) -> bool:
    column = model.table.columns[field.column]
    has_default = isinstance(field.default, Made | Value) or column.default is not None or column.is_serial
    return not (has_default or column.nullable)


def same(written: Any, read: Any) -> bool:
    """Equal and of the same type, also inside of a document, where PostgreSQL has one type of number. True is not 1."""
    match written, read:
        case dict(), dict():
            return written.keys() == read.keys() and all(same(value, read[key]) for key, value in written.items())
        case list(), list():
            return len(written) == len(read) and all(map(same, written, read))
        case (bool(), _) | (_, bool()):
            return written is read
        case (float(), int()) | (int(), float()):
            return float(written) == float(read)
        case datetime(tzinfo=tzinfo()), datetime(tzinfo=tzinfo()):
            # Python takes no time for equal that a clock's change makes doubtful, if the zones are two.
            return written.astimezone(UTC) == read.astimezone(UTC)
    return bool(written == read) and (written is None or isinstance(read, type(written)))


def is_given(field: Field) -> bool:
    """Not a time that the ORM sets, whatever is given."""
    return not (isinstance(field.default, Made) and field.default.function is now)


def _failed(model: Model, row: Values, writer: Orm, error: Exception) -> CrossdockError:
    values = ", ".join(f"{column} {_short(value)}" for column, value in row.items())
    why = " ".join(str(getattr(error, "orig", None) or error).split())
    return ReadOtherwise(
        f"{model.table.name}: {writer.value} wrote a row and {writer.other.value} read it, and one of them failed:"
        f" {type(error).__name__}: {why}. The row: {values}"
    )


def _short(value: Any) -> str:
    written = repr(value)
    return written if len(written) <= SHOWN else f"{written[:SHOWN]}... ({len(written)} characters)"
