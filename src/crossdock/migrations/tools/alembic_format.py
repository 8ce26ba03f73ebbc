"""alembic's files, each after the one that it names, and its version table, which has the last one alone."""

import ast
import re
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import asyncpg

from crossdock.application import Application
from crossdock.migrations.files import literals, revision_of
from crossdock.migrations.names import ALEMBIC
from crossdock.migrations.revision import BrokenChain, Revision
from crossdock.migrations.tools.format import Content, Place
from crossdock.migrations.tools.source import function_of, literal

if TYPE_CHECKING:
    from crossdock.migrations.chain import Chain

NAME_MAX = 32
"""What the version table can hold."""
PARAMETER = re.compile(r"(?<![:\w\\]):(?=\w)")
"""What SQLAlchemy's text() takes for a parameter."""
INDENT = "    "
TABLE_SQL = """
CREATE TABLE IF NOT EXISTS {table} (
    version_num varchar(32) NOT NULL,
    CONSTRAINT {table}_pkc PRIMARY KEY (version_num)
)"""


class AlembicFormat:
    """A chain of alembic's without branches."""

    name = ALEMBIC
    keeps_every_row = False
    keeps_state = False
    column = "version_num"
    block = "`with op.get_context().autocommit_block():`"
    by_hand = (
        "let env.py have two lines alone: `from crossdock.migrations.tools.alembic_env import run_by_hand`, and"
        " `run_by_hand()`"
    )

    def place(self, application: Application) -> Place | None:
        said = application.alembic
        if said is None:
            return None
        location = application.folder(said)
        return Place(location, location / "versions", said.version_table)

    def revisions(self, folder: Path, chain: str) -> list[Revision]:
        """alembic's files, each after the one that it names. Raises BrokenChain for two heads, a gap or a circle."""
        files = {path: literals(path) for path in sorted(folder.glob("*.py")) if path.name != "__init__.py"}
        after: dict[str | None, list[Path]] = {}
        for path, values in files.items():
            if not isinstance(values.get("revision"), str):
                raise BrokenChain(f"{path.name} has no `revision`: it is no revision of alembic.")
            if len(values["revision"]) > NAME_MAX:
                raise BrokenChain(
                    f"The revision of {path.name} has more than {NAME_MAX} characters, and alembic's version table"
                    " holds no more: give it the next number."
                )
            twins = [other.name for other in files if files[other].get("revision") == values["revision"]]
            if len(twins) > 1:
                raise BrokenChain(
                    f"Two files of the {chain} chain are revision {values['revision']}: {', '.join(twins)}."
                )
            after.setdefault(values.get("down_revision"), []).append(path)
        revisions: list[Revision] = []
        name: str | None = None
        while name in after:
            path = _only(chain, after.pop(name), name)
            name = str(files[path]["revision"])
            revisions.append(revision_of(chain, ALEMBIC, name, path, files[path]))
        _all_reached(chain, after)
        return revisions

    def next_number(self, revisions: Sequence[Revision]) -> str:
        """An id that is no number, as alembic makes them by hand, counts as a place."""
        numbers = [int(revision.number) for revision in revisions if revision.number.isdigit()]
        return f"{max([len(revisions), *numbers]) + 1:04d}"

    def table_sql(self, table: str) -> str:
        return TABLE_SQL.format(table=table)

    def versions(self, table: str, app: str) -> tuple[str, Sequence[str]]:
        return f"SELECT version_num FROM {table}", ()  # noqa: S608

    async def write_versions(
        self, connection: asyncpg.Connection, chain: "Chain", wanted: Sequence[str], content: Content
    ) -> None:
        await connection.execute(f"DELETE FROM {chain.table}")  # noqa: S608
        for name in wanted:
            await connection.execute(f"INSERT INTO {chain.table} (version_num) VALUES ($1)", name)  # noqa: S608

    async def take_out(
        self, connection: asyncpg.Connection, chain: "Chain", gone: Collection[str], left: Sequence[str]
    ) -> None:
        """By an UPDATE, as alembic goes back: the journal's trigger then knows from where to where."""
        if left:
            await connection.execute(f"UPDATE {chain.table} SET version_num = $1", left[0])  # noqa: S608
        else:
            await connection.execute(f"DELETE FROM {chain.table}")  # noqa: S608

    def set_back(self, table: str, before: str | None) -> str:
        if before is None:
            return "Take that row out again."
        return f"Set it back: UPDATE {table} SET version_num = '{before}'."  # noqa: S608

    def has_words_of(self, name: str, other: str) -> bool:
        """A name is a number, and has no words."""
        return False

    def stand_alone(self, statement: str) -> str:
        return f"Put {statement} into a revision of its own with RUN_IN_TRANSACTION = False, inside {self.block}."

    def uses_block(self, revision: Revision) -> bool:
        return "autocommit_block" in revision.path.read_text(encoding="utf-8")

    def state_tables(self, revision: Revision) -> set[str]:
        return set()

    def insert(self, text: str, function: str, first: list[str], last: list[str]) -> str:
        """alembic's: Python, of which `pass` is nothing."""
        body = function_of(text, function).body
        begin, end = body[0].lineno - 1, body[-1].end_lineno
        lines = text.splitlines(keepends=True)
        kept = [] if isinstance(body[0], ast.Pass) else lines[begin:end]
        made = [*_operations(first), *kept, *_operations(last)] or lines[begin:end]
        return "".join([*lines[:begin], *made, *lines[end:]])


def _operations(statements: list[str]) -> list[str]:
    escaped = (PARAMETER.sub(r"\\:", each) for each in statements)
    return [f"{INDENT}op.execute({literal(each)})\n" for each in escaped]


def _only(chain: str, paths: list[Path], after: str | None) -> Path:
    if len(paths) > 1:
        names = " and ".join(path.name for path in paths)
        raise BrokenChain(
            f"The {chain} chain forks: {names} both follow {after or 'nothing'}. Let the later one follow the other"
            " (`down_revision`)."
        )
    return paths[0]


def _all_reached(chain: str, left: dict[str | None, list[Path]]) -> None:
    for before, paths in left.items():
        raise BrokenChain(
            f"{paths[0].name} follows {before}, and no file of the {chain} chain leads there: put that file back"
            " (git restore), or mend `down_revision`."
        )
