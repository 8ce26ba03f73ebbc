"""Python as it is written: calls broken into lines as ruff breaks them, literals, and the imports that they need."""

import importlib.util
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import Any

from crossdock.schema.sync.kinds import UnknownType

WIDTH = 120
INDENT = "    "


@dataclass(frozen=True, slots=True)
class Call:
    """`name(argument, ...)`. An argument is text or a call, `keyword=` before it where it has one."""

    name: str
    arguments: "tuple[tuple[str, Expression], ...]"

    @classmethod
    def of(cls, name: str, /, *arguments: "Expression", **keywords: "Expression") -> "Call":
        return cls(name, (*(("", each) for each in arguments), *((f"{key}=", each) for key, each in keywords.items())))

    def __str__(self) -> str:
        return f"{self.name}({', '.join(f'{before}{each}' for before, each in self.arguments)})"


Expression = str | Call


def lines(before: str, expression: Expression, after: str = "", indent: str = INDENT) -> Iterator[str]:
    """The lines of `before expression after`: one where it fits, else the arguments on one, else a line for each."""
    line = f"{indent}{before}{expression}{after}"
    if len(line) <= WIDTH or isinstance(expression, str) or not expression.arguments:
        yield line
        return
    inner = indent + INDENT
    yield f"{indent}{before}{expression.name}("
    arguments = inner + ", ".join(f"{keyword}{each}" for keyword, each in expression.arguments)
    if len(arguments) <= WIDTH:
        yield arguments
    else:
        for keyword, each in expression.arguments:
            yield from lines(keyword, each, ",", inner)
    yield f"{indent}){after}"


def text(value: str) -> str:
    """A string in double quotes, as ruff writes it."""
    written = repr(value)
    if written[0] == "'" and '"' not in value:
        written = f'"{written[1:-1]}"'
    return written


ALIASES = {"datetime": "dt"}
"""Module → what it is called in the file, where a column may well have its name."""


class Imports:
    """The names that a file uses. A name that is taken is written with its module: `sqlalchemy.Text`, `dt.date`."""

    def __init__(self, taken: Iterable[str] = ()) -> None:
        self._taken = dict.fromkeys(taken, "")
        self._named: dict[str, set[str]] = defaultdict(set)
        self._whole: set[str] = set()

    def __call__(self, module: str, name: str) -> str:
        """How the name is written in the file; `module` is `builtins` for Python's own."""
        first = name.partition(".")[0]
        if module == "builtins":
            return name
        if self._taken.setdefault(first, module) == module:
            self._named[module].add(first)
            return name
        self._whole.add(module)
        return f"{ALIASES.get(module, module)}.{name}"

    def thing(self, thing: Any) -> str:
        """A class or a function, by the name that it has in its module."""
        return self(thing.__module__, thing.__qualname__)

    @contextmanager
    def all_or_none(self) -> Iterator[None]:
        """What is imported inside is forgotten where an error ends the block."""
        before = deepcopy(vars(self))
        try:
            yield
        except Exception:
            vars(self).update(before)
            raise

    def written(self, sources: Iterable[Path]) -> str:
        """The block, sorted as ruff sorts it: Python's own, what is installed, what lies in one of `sources`."""
        sections: dict[int, list[str]] = defaultdict(list)
        for module in sorted(self._whole):
            alias = f" as {ALIASES[module]}" if module in ALIASES else ""
            sections[_section(module, sources)].append(f"import {module}{alias}")
        for module, names in sorted(self._named.items()):
            sections[_section(module, sources)] += _imported(module, sorted(names, key=_rank))
        return "\n\n".join("\n".join(sections[section]) for section in sorted(sections))


def literal(value: Any, imports: Imports, where: str) -> str:
    """A constant. Raises UnknownType for what has no literal; `where` names the field."""
    written: dict[type, Callable[[Any], str]] = {
        str: text,
        Decimal: lambda each: f"{imports('decimal', 'Decimal')}({text(str(each))})",
        **dict.fromkeys((bool, int, float, bytes, type(None)), repr),
    }
    if isinstance(value, Enum):
        return f"{imports.thing(type(value))}.{value.name}"
    if type(value) not in written:
        raise UnknownType(f"{where} has the default {value!r}: make a function of it.")
    return written[type(value)](value)


def function_name(function: Any, imports: Imports, where: str) -> str:
    """The name of a function. Raises UnknownType where it cannot be imported by one; `where` names the field."""
    name = getattr(function, "__qualname__", "<")
    if "<" in name or not getattr(function, "__module__", None):
        raise UnknownType(
            f"The default of {where} is a function without a name to import it by: give it one, at the top of a file."
        )
    return imports.thing(function)


def docstring(words: str | None) -> Iterator[str]:
    """Its lines in a class, and an empty one."""
    if words is None:
        return
    first, *others = words.replace("\\", "\\\\").replace('"""', '\\"\\"\\"').split("\n")
    if not others:
        yield f'{INDENT}"""{first}"""'
    else:
        yield f'{INDENT}"""{first}'
        yield from (f"{INDENT}{line}".rstrip() for line in others)
        yield f'{INDENT}"""'
    yield ""


def _imported(module: str, names: list[str]) -> list[str]:
    line = f"from {module} import {', '.join(names)}"
    if len(line) <= WIDTH:
        return [line]
    return [f"from {module} import (", *(f"{INDENT}{name}," for name in names), ")"]


def _rank(name: str) -> tuple[int, str]:
    """Constants, then classes, then functions."""
    return (0 if name.isupper() and len(name) > 1 else 1 if name[0].isupper() else 2), name


def _section(module: str, sources: Iterable[Path]) -> int:
    package = module.partition(".")[0]
    if package in sys.stdlib_module_names:
        return 0
    spec = importlib.util.find_spec(package)
    places = [Path(place) for place in (spec.submodule_search_locations or [spec.origin or ""])] if spec else []
    is_ours = any(place.is_relative_to(source) for place in places for source in sources)
    return 2 if is_ours and not any("site-packages" in place.parts for place in places) else 1
