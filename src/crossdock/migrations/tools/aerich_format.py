"""aerich's files, by the number at their heads, and its version table, which has a row for each."""

import ast
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import asyncpg

from crossdock.application import Application
from crossdock.migrations.files import literals, revision_of
from crossdock.migrations.names import AERICH
from crossdock.migrations.revision import BrokenChain, Revision
from crossdock.migrations.tools.format import Content, Place
from crossdock.migrations.tools.source import function_of, literal
from crossdock.models.names import AERICH_TABLE

if TYPE_CHECKING:
    from crossdock.migrations.chain import Chain

NAME_MAX = 255
"""What the version table can hold."""
INDENT = "    "
TABLE_SQL = """
CREATE TABLE IF NOT EXISTS {table} (
    id serial PRIMARY KEY,
    version varchar(255) NOT NULL,
    app varchar(100) NOT NULL,
    content jsonb NOT NULL
)"""


class AerichFormat:
    """One app of aerich's: several of them may share the version table, so each query names the app."""

    name = AERICH
    keeps_every_row = True
    keeps_state = True
    column = "version"
    block = ""
    by_hand = (
        'give aerich\'s table in the pyproject tortoise_orm = "crossdock.migrations.tools.aerich_config.TORTOISE_ORM"'
    )

    def place(self, application: Application) -> Place | None:
        said = application.aerich
        if said is None:
            return None
        location = application.folder(said)
        return Place(location, location / said.app, AERICH_TABLE, said.app)

    def revisions(self, folder: Path, chain: str) -> list[Revision]:
        """By the number at their heads. Raises BrokenChain when two have the same, or one is missing, and where the
        revisions are those of another app."""
        others = sorted({path.parent.name for path in folder.parent.glob("*/0_*.py")})
        if others and not folder.is_dir():
            raise BrokenChain(
                f"{folder} is not there, and aerich has revisions for {', '.join(others)} beside it: correct `app` in"
                " [tool.crossdock.aerich]."
            )
        paths = [path for path in folder.glob("*.py") if path.name != "__init__.py"]
        for path in paths:
            if not path.name.partition("_")[0].isdigit() or len(path.name) > NAME_MAX:
                raise BrokenChain(
                    f"{path.name} in the {chain} chain is no revision: its name begins with a number and _, and has at"
                    f" most {NAME_MAX} characters."
                )
        numbered = sorted((int(path.name.partition("_")[0]), path) for path in paths)
        for expected, (number, path) in enumerate(numbered):
            if number < expected:
                raise BrokenChain(f"Two files of the {chain} chain begin with {number}_: {_twins(numbered, number)}.")
            if number > expected:
                raise BrokenChain(
                    f"The {chain} chain has no file {expected}_*.py before {path.name}: put it back (git restore), or"
                    " give this one its number."
                )
        return [revision_of(chain, AERICH, path.name, path, literals(path)) for _, path in numbered]

    def next_number(self, revisions: Sequence[Revision]) -> str:
        return str(len(revisions))

    def table_sql(self, table: str) -> str:
        return TABLE_SQL.format(table=table)

    def versions(self, table: str, app: str) -> tuple[str, Sequence[str]]:
        return f"SELECT version FROM {table} WHERE app = $1 ORDER BY id", (app,)  # noqa: S608

    async def write_versions(
        self, connection: asyncpg.Connection, chain: "Chain", wanted: Sequence[str], content: Content
    ) -> None:
        """From the first row that is wrong: aerich goes by the ids, so what comes after it needs a higher one."""
        query = f"SELECT id, version, content::text FROM {chain.table} WHERE app = $1 ORDER BY id"  # noqa: S608
        rows = await connection.fetch(query, chain.app)
        kept = {row["version"]: row["content"] for row in rows}
        right = 0
        while right < min(len(rows), len(wanted)) and rows[right]["version"] == wanted[right]:
            right += 1
        wrong = [row["id"] for row in rows[right:]]
        await connection.execute(f"DELETE FROM {chain.table} WHERE id = ANY ($1)", wrong)  # noqa: S608
        for name in wanted[right:]:
            values = (name, chain.app, kept.get(name) or content(name))
            insert = f"INSERT INTO {chain.table} (version, app, content) VALUES ($1, $2, $3)"  # noqa: S608
            await connection.execute(insert, *values)

    async def take_out(
        self, connection: asyncpg.Connection, chain: "Chain", gone: Collection[str], left: Sequence[str]
    ) -> None:
        delete = f"DELETE FROM {chain.table} WHERE app = $1 AND version = ANY ($2)"  # noqa: S608
        await connection.execute(delete, chain.app, list(gone))

    def set_back(self, table: str, before: str | None) -> str:
        return "Take that row out again."

    def has_words_of(self, name: str, other: str) -> bool:
        """A name has the time and the words of the revision after its number."""
        return name != other and name.partition("_")[2] == other.partition("_")[2]

    def stand_alone(self, statement: str) -> str:
        return f"Put {statement} into a revision of its own with RUN_IN_TRANSACTION = False."

    def uses_block(self, revision: Revision) -> bool:
        return False

    def state_tables(self, revision: Revision) -> set[str]:
        # aerich's own packing: only whoever writes revisions comes here, so that a start need not load Tortoise for it.
        from aerich.utils import decompress_dict

        state = literals(revision.path).get("MODELS_STATE")
        return {model["table"] for model in decompress_dict(state).values()} if state else set()

    def insert(self, text: str, function: str, first: list[str], last: list[str]) -> str:
        """aerich's: one text of SQL, which the function returns."""
        returned = next(node for node in ast.walk(function_of(text, function)) if isinstance(node, ast.Return))
        value = returned.value
        assert isinstance(value, ast.Constant) and isinstance(value.value, str)
        sql = [*first, *filter(None, [value.value.strip().rstrip(";")]), *last]
        lines = text.splitlines(keepends=True)
        made = f"{INDENT}return {literal(chr(10) + ''.join(f'{each};{chr(10)}' for each in sql))}\n"
        return "".join([*lines[: returned.lineno - 1], made, *lines[returned.end_lineno :]])


def _twins(numbered: list[tuple[int, Path]], number: int) -> str:
    return ", ".join(path.name for other, path in numbered if other == number)
