"""`crossdock init`: takes in a project that is there already, or begins one."""

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from crossdock.cli.output import AsJson, emit, say

DryRun = Annotated[bool, typer.Option("--dry-run", help="Show what would be written, and write nothing.")]
Alembic = Annotated[
    str | None,
    typer.Option("--alembic", metavar="FOLDER", help="Begin a chain of alembic's there, where the project has none."),
]
Metadata = Annotated[
    str | None,
    typer.Option("--metadata", metavar="PATH", help="SQLAlchemy's base, as in library.db:Base, if env.py hides it."),
]


def register(app: typer.Typer) -> None:
    app.command()(init)


def init(dry_run: DryRun = False, alembic: Alembic = None, metadata: Metadata = None, as_json: AsJson = False) -> None:
    """Write tool.crossdock into the pyproject.toml of this folder, and manifests for the models that it has."""
    from crossdock.adoption.adopting import adopt  # here: both ORMs and both tools are loaded for it

    adoption = adopt(Path.cwd(), alembic=alembic, metadata=metadata)
    if not dry_run:
        adoption.write()
    files = {str(path.relative_to(adoption.root)): text for path, text in adoption.files.items()}
    if as_json:
        modules = {module.name: list(module.tables) for module in adoption.modules}
        emit({"written": bool(files) and not dry_run, "files": files, "modules": modules, "points": adoption.points})
        return
    if not files:
        say(escape("pyproject.toml has [tool.crossdock] already: nothing was changed."))
        return
    _show(files, is_dry=dry_run)
    _show_points(adoption.points)
    if not dry_run:
        _show_next(is_new=not adoption.modules)


def _show(files: dict[str, str], *, is_dry: bool) -> None:
    say("Would be written:" if is_dry else "Written:")
    for name, text in files.items():
        say(f"  [bold]{escape(name)}[/]")
        if is_dry:
            say(escape("\n".join(f"    {line}".rstrip() for line in text.splitlines())))
    say("No revision was touched, and no database was asked.")


def _show_points(points: tuple[str, ...]) -> None:
    if points:
        say("\nTo be decided by you:")
    for number, point in enumerate(points, 1):
        say(f"  {number}. {escape(point)}")


def _show_next(*, is_new: bool) -> None:
    say("\nNext: set DATABASE_URL, then")
    there = ["crossdock modules", "crossdock migrate status"]
    # A revision is written against a database that is at the heads: the library's own tables come first.
    new = ["crossdock migrate up", "crossdock modules new books"]
    for line in [*(new if is_new else there), "crossdock migrate up", "crossdock migrate check"]:
        say(f"  {line}")
