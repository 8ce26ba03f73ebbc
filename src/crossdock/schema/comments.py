"""Comments as `aerich init-db` writes them: escaped, where every other way to the same table writes them as they are.

Tortoise escapes a comment for the Python file that aerich puts it into, and reading that file undoes it. `aerich
init-db` sends the statement without reading the file, so the column of an enumeration has a backslash and an `n` where
its lines end. Such a comment is the same comment.
"""

import re
from collections.abc import Iterable
from typing import Any

from sqlalchemy import Table

ESCAPED = re.compile(r'\\([nr"\\])')
UNESCAPED = {"n": "\n", "r": "\r"}


def unescaped(text: str) -> str:
    """As a Python file's text is read."""
    return ESCAPED.sub(lambda found: UNESCAPED.get(found[1], found[1]), text)


def as_said(there: str | None, said: str | None) -> str | None:
    """A comment of the database, as the models say it where it is that one escaped."""
    return said if there is not None and said == unescaped(there) else there


def but_for_escapes(found: Iterable[Any]) -> list[Any]:
    """What alembic's `compare_metadata` has found, without the comments that are escaped and no other ones."""
    kept = ([part for part in each if not _is_escape(part)] if isinstance(each, list) else each for each in found)
    return [each for each in kept if each and not _is_escape(each)]


def _is_escape(difference: Any) -> bool:
    """`('modify_comment', schema, table, column, what is there, before, after)`; of a table: `(..., table, before)`."""
    match difference:
        case ("modify_comment", _, _, _, _, str(there), said):
            return bool(as_said(there, said) == said)
        case ("add_table_comment", Table() as table, str(there)):
            return bool(as_said(there, table.comment) == table.comment)
    return False
