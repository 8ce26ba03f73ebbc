"""A statement in PostgreSQL's own words ($1, $2), compiled once, and its parameters by name."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BindParameter, Dialect, Select, bindparam
from sqlalchemy.sql.visitors import replacement_traverse

from crossdock.kernel.errors import ProgrammingError
from crossdock.kernel.pools.asyncpg_dialect import CrossdockDialect

Process = Callable[[Any], Any]

DIALECT: Dialect = CrossdockDialect()  # type: ignore[no-untyped-call]


@dataclass(frozen=True, slots=True)
class Compiled:
    """`names` are the parameters in the order of their numbers; `processes` what SQLAlchemy's types make of a value."""

    sql: str
    names: tuple[str, ...]
    processes: tuple[Process | None, ...]

    def arguments(self, given: dict[str, Any]) -> list[Any]:
        """In the order that the driver wants. Raises ProgrammingError for one too many or too few."""
        if given.keys() != set(self.names):
            raise ProgrammingError(f"The document wants {', '.join(self.names)}, and was given {', '.join(given)}.")
        pairs = zip(self.names, self.processes, strict=True)
        return [given[name] if process is None else process(given[name]) for name, process in pairs]


def compiled(query: Select[Any]) -> Compiled:
    """What has a value already is spelled out as a constant: the planner sees it, and so does who reads the text."""
    inlined: Any = replacement_traverse(query, {}, _constant_or_parameter)
    done: Any = inlined.compile(dialect=DIALECT, compile_kwargs={"render_postcompile": True})
    names = tuple(done.positiontup or ())
    kinds = [done.binds[name].type.dialect_impl(DIALECT) for name in names]
    return Compiled(done.string, names, tuple(kind.bind_processor(DIALECT) for kind in kinds))


def _constant_or_parameter(element: Any, **_: Any) -> Any:
    if not isinstance(element, BindParameter):
        return None
    if element.required:  # SQLAlchemy would ask for its value, where it spells out the others
        return bindparam(element.key, None, type_=element.type)
    return element.render_literal_execute()
