"""The page cursor of the API: the id of the last row, in base64."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from uuid import UUID

LAST = UUID(int=2**128 - 1)
"""Before the first page: every id is smaller."""


def encode(last: UUID) -> str:
    return urlsafe_b64encode(last.bytes).rstrip(b"=").decode()


def decode(text: str | None) -> UUID:
    return UUID(bytes=urlsafe_b64decode(text + "==")) if text else LAST
