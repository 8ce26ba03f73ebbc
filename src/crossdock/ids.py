"""Identifiers: UUID version 7, so that the order of the keys is the order of creation."""

from typing import Annotated, Any, Literal, TypeAlias
from uuid import NAMESPACE_OID, UUID, uuid5

import uuid_utils
from pydantic import BeforeValidator, ValidationInfo
from uuid_utils.compat import uuid7

Ids: TypeAlias = Literal["uuid", "bigint", "text"]
"""The type of an application's keys: of what an event is about, and of who did it."""


def _key(value: Any, info: ValidationInfo) -> Any:
    """JSON has no UUIDs: with an application's `ids` in the validation's context, a key becomes what it was."""
    is_uuid = isinstance(value, str) and (info.context or {}).get("ids") == "uuid"
    return UUID(value) if is_uuid else value


Key: TypeAlias = Annotated[UUID | int | str, BeforeValidator(_key)]
"""A key of one of these types."""


def new_id() -> UUID:
    """A new UUIDv7: its first 48 bits are the time in ms, so an index fills in order and an id can be a page cursor."""
    return uuid7()


def key_of_name(name: str, ids: Ids) -> Key:
    """For what has a name and no id, as a module: the same key each time, and in every process."""
    if ids == "text":
        return name
    named = uuid5(NAMESPACE_OID, name)
    return named if ids == "uuid" else named.int >> 65  # a bigint has 63 bits beside its sign


def new_text_id() -> str:
    """The same as text, at once: for what never is a key."""
    return str(uuid_utils.uuid7())
