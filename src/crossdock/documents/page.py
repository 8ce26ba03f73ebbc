"""Keyset pages: `limit` rows after a cursor, in an order that is stable because its key is unique."""

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar, overload
from uuid import UUID

from crossdock.errors import Invalid
from crossdock.ids import Key

LIMIT_DEFAULT = 50
LIMIT_MAX = 200

INTEGER_BYTES = 8

Row = TypeVar("Row")
Kind = TypeVar("Kind", UUID, int, str)


class WrongCursor(Invalid):
    """The cursor is not one that this list gave out.

    Send the `next_cursor` of the page before as it is, or none for the first page.
    """


@dataclass(frozen=True, slots=True)
class Page:
    """What a list is asked for. `after` is the id of the last row of the page before."""

    limit: int = LIMIT_DEFAULT
    after: Key | None = None

    @property
    def fetch(self) -> int:
        """One more than asked for, to know whether there is a next page."""
        return self.limit + 1

    def cut(self, rows: Sequence[Row], key: Callable[[Row], Key]) -> tuple[Sequence[Row], str | None]:
        """The rows of this page, and the cursor of the next one when there is one."""
        if len(rows) <= self.limit:
            return rows, None
        shown = rows[: self.limit]
        return shown, encode_cursor(key(shown[-1]))


def encode_cursor(last: Key) -> str:
    """A UUID's sixteen bytes, a whole number's eight, a text's in UTF-8: in the alphabet of a URL."""
    match last:
        case UUID():
            content = last.bytes
        case int():
            content = last.to_bytes(INTEGER_BYTES, "big", signed=True)
        case str():
            content = last.encode()
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()


@overload
def decode_cursor(text: str | None) -> UUID | None: ...
@overload
def decode_cursor(text: str | None, kind: type[Kind]) -> Kind | None: ...
def decode_cursor(text: str | None, kind: Any = UUID) -> Key | None:
    """The key in a cursor; `kind` is the type of the list's keys. Raises WrongCursor."""
    if text is None:
        return None
    try:
        return _key(base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True), kind)
    except (ValueError, binascii.Error):
        raise WrongCursor(field="query.cursor") from None


def _key(content: bytes, kind: type[Key]) -> Key:
    """Raises ValueError."""
    if kind is UUID:
        return UUID(bytes=content)
    if kind is str:
        return content.decode()
    if len(content) != INTEGER_BYTES:
        raise ValueError("no whole number")
    return int.from_bytes(content, "big", signed=True)
