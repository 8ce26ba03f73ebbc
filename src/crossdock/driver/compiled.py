"""A statement in PostgreSQL's own words ($1, $2), compiled once, and its parameters by name.

Written with SQLAlchemy's expressions, run on the driver: what SQLAlchemy does for each execution costs more than the
driver's part of it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ARRAY, BindParameter, Dialect, bindparam
from sqlalchemy.sql.visitors import replacement_traverse
from sqlalchemy.types import TypeEngine

from crossdock.driver.dialect import CrossdockDialect
from crossdock.errors import ProgrammingError

Process = Callable[[Any], Any]

DIALECT: Dialect = CrossdockDialect()  # type: ignore[no-untyped-call]


@dataclass(frozen=True, slots=True)
class Compiled:
    """`names` are the parameters in the order of their numbers; `processes` what SQLAlchemy's types make of a value."""

    sql: str
    names: tuple[str, ...]
    processes: tuple[Process | None, ...]
    _wanted: frozenset[str] = field(init=False, repr=False)
    """The names, made once: a hot read asks for them every time."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "_wanted", frozenset(self.names))

    def arguments(self, given: Mapping[str, Any]) -> list[Any]:
        """In the order that the driver wants. Raises ProgrammingError for one too many or too few."""
        if given.keys() != self._wanted:
            raise ProgrammingError(f"The statement wants {', '.join(self.names)}, and was given {', '.join(given)}.")
        pairs = zip(self.names, self.processes, strict=True)
        return [given[name] if process is None else process(given[name]) for name, process in pairs]


def compiled(statement: Any) -> Compiled:
    """A SELECT, INSERT, UPDATE or DELETE.

    What has a value already is spelled out as a constant: the planner sees it, and so does who reads the text.
    """
    inlined: Any = replacement_traverse(statement, {}, _constant_or_parameter)
    done: Any = inlined.compile(dialect=DIALECT, compile_kwargs={"render_postcompile": True})
    names = tuple(done.positiontup or ())
    return Compiled(done.string, names, tuple(_process(done.binds[name].type) for name in names))


def _process(kind: TypeEngine[Any]) -> Process | None:
    implemented = kind.dialect_impl(DIALECT)
    if isinstance(implemented, ARRAY) and _process(implemented.item_type) is None:
        return None  # SQLAlchemy's would go through the array all the same
    return implemented.bind_processor(DIALECT)


def _constant_or_parameter(element: Any, **_: Any) -> Any:
    if not isinstance(element, BindParameter):
        return None
    if element.required:  # SQLAlchemy would ask for its value, where it spells out the others
        return bindparam(element.key, None, type_=element.type)
    return element.render_literal_execute()
