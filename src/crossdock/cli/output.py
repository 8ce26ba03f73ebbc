"""What the commands print: results on stdout, everything else on stderr."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import orjson
import typer
from rich.box import SIMPLE_HEAD
from rich.console import Console, RenderableType
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

PIPED_WIDTH = 120
"""Characters of a table whose reader is no terminal."""

AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]


def emit(result: Any, *, in_one_line: bool = False) -> None:
    """The machine's output: one JSON document and a newline."""
    option = 0 if in_one_line else orjson.OPT_INDENT_2
    sys.stdout.write(orjson.dumps(result, option=option).decode() + "\n")
    sys.stdout.flush()


def say(text: str) -> None:
    """The person's output. Rich markup is understood; escape what comes from outside."""
    Console(highlight=False, soft_wrap=True).print(text)


def complain(message: str) -> None:
    """One line on stderr."""
    line = " ".join(message.split())
    Console(stderr=True, highlight=False, soft_wrap=True).print(f"[bold red]crossdock:[/] {escape(line)}")


def shown(path: Path) -> str:
    """Relative to the current folder where it lies below that."""
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


def note(message: str) -> None:
    """A remark on stderr that ends nothing."""
    Console(stderr=True, highlight=False, soft_wrap=True).print(f"[dim]{escape(message)}[/]")


def table(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A table for people. Cells may carry markup."""
    show(drawn(title, columns, rows))


def drawn(title: str, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    """The same, to be shown by the caller."""
    made = Table(title=title, title_justify="left", header_style="bold", box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for column in columns:
        made.add_column(column, overflow="fold")
    for row in rows:
        made.add_row(*row)
    return made


def show(made: RenderableType) -> None:
    """Prints a table that is drawn."""
    Console(width=None if sys.stdout.isatty() else PIPED_WIDTH).print(made)


@contextmanager
def steps(first: str) -> Iterator[Callable[[str], None]]:
    """A spinner with the name of the current step; nothing where stderr is no terminal."""
    console = Console(stderr=True)
    if not console.is_terminal:
        yield lambda _: None
        return
    with console.status(first) as status:
        yield status.update


@contextmanager
def progress_bar(what: str) -> Iterator[Callable[[int, int], None]]:
    """A bar, fed with (done, total); nothing where stderr is no terminal."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    console = Console(stderr=True)
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(what, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total)
