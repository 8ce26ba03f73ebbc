"""`crossdock schema diagram`: the tables with their owners, as Mermaid or as SVG."""

import asyncio
import difflib
import sys
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from crossdock.cli.output import AsJson, emit, say
from crossdock.errors import ConfigurationError
from crossdock.registry import Registry
from crossdock.schema.diagram.mermaid import as_mermaid
from crossdock.schema.diagram.reading import read
from crossdock.schema.diagram.structure import Diagram
from crossdock.schema.diagram.svg import as_svg


class CannotWrite(ConfigurationError):
    """The file of the diagram cannot be written."""


class Format(StrEnum):
    """The languages of a diagram."""

    MERMAID = "mermaid"
    SVG = "svg"


WRITERS = {Format.MERMAID: as_mermaid, Format.SVG: as_svg}

Modules = Annotated[list[str] | None, typer.Argument(metavar="MODULE", help="Of these, and what they refer to.")]
Form = Annotated[Format | None, typer.Option("--format", help="Without it: svg for a FILE of that name, else mermaid.")]
Keys = Annotated[bool, typer.Option("--keys", help="Only the columns of primary and foreign keys.")]
Output = Annotated[Path | None, typer.Option("--output", metavar="FILE", help="Write the diagram there.")]


def diagram(
    modules: Modules = None, form: Form = None, keys: Keys = False, output: Output = None, as_json: AsJson = False
) -> None:
    """Draw the tables of all modules, or of some, as the models of both ORMs say them. No database is asked."""
    drawn = _narrowed(asyncio.run(read(Registry.found())), modules or [], keys=keys)
    if output is not None:
        _write(drawn, form or _form_of(output), output)
    if as_json:
        emit(drawn.as_json())
    elif output is not None:
        say(f"Written: {escape(str(output))}")
    else:
        sys.stdout.write(WRITERS[form or Format.MERMAID](drawn))


def _narrowed(drawn: Diagram, modules: Sequence[str], *, keys: bool) -> Diagram:
    known = [part.module for part in drawn.parts]
    for name in modules:
        if name not in known:
            near = difflib.get_close_matches(name, known) or known
            raise typer.BadParameter(f"There is no module {name!r} with tables. Did you mean {', '.join(near)}?")
    narrowed = drawn.of(modules) if modules else drawn
    return narrowed.of_keys() if keys else narrowed


def _form_of(output: Path) -> Format:
    return Format.SVG if output.suffix == ".svg" else Format.MERMAID


def _write(drawn: Diagram, form: Format, output: Path) -> None:
    try:
        output.write_text(WRITERS[form](drawn), encoding="utf-8")
    except OSError as error:
        raise CannotWrite(
            f"{output} cannot be written: {error.strerror}. Name a file in a folder that is there, and that is yours."
        ) from None
