"""A finished response body: PostgreSQL makes it, or a Tortoise store does from model objects."""

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import BaseModel


@dataclass(frozen=True, slots=True)
class Document:
    """JSON text in UTF-8. `version` is the row's, where the thing has one: its ETag."""

    body: bytes
    version: int | None = None


def document(schema: BaseModel, version: int | None = None) -> Document:
    """One thing."""
    return Document(schema.model_dump_json().encode(), version)


def collection(items: Sequence[BaseModel], next_cursor: str | None) -> Document:
    """A page of things: `{"items": [...], "next_cursor": "..." | null}`."""
    inside = ",".join(item.model_dump_json() for item in items)
    cursor = "null" if next_cursor is None else f'"{next_cursor}"'
    return Document(f'{{"items":[{inside}],"next_cursor":{cursor}}}'.encode())
