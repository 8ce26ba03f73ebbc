"""Keyset pages: `limit` rows after a cursor, in an order that is stable because its key is unique."""

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from crossdock.errors import Invalid

LIMIT_DEFAULT = 50
LIMIT_MAX = 200

Row = TypeVar("Row")


class WrongCursor(Invalid):
    """The cursor is not one that this list gave out.

    Send the `next_cursor` of the page before as it is, or none for the first page.
    """


@dataclass(frozen=True, slots=True)
class Page:
    """What a list is asked for. `after` is the id of the last row of the page before."""

    limit: int = LIMIT_DEFAULT
    after: UUID | None = None

    @property
    def fetch(self) -> int:
        """One more than asked for, to know whether there is a next page."""
        return self.limit + 1

    def cut(self, rows: Sequence[Row], key: Callable[[Row], UUID]) -> tuple[Sequence[Row], str | None]:
        """The rows of this page, and the cursor of the next one when there is one."""
        if len(rows) <= self.limit:
            return rows, None
        shown = rows[: self.limit]
        return shown, encode_cursor(key(shown[-1]))


def encode_cursor(last: UUID) -> str:
    return base64.urlsafe_b64encode(last.bytes).rstrip(b"=").decode()


def decode_cursor(text: str | None) -> UUID | None:
    """Raises WrongCursor."""
    if text is None:
        return None
    try:
        return UUID(bytes=base64.b64decode(text + "==", altchars=b"-_", validate=True))
    except (ValueError, binascii.Error):
        raise WrongCursor(field="query.cursor") from None
