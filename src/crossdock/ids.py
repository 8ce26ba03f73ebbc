"""Identifiers: UUID version 7, so that the order of the keys is the order of creation."""

from typing import Literal, TypeAlias
from uuid import NAMESPACE_OID, UUID, uuid5

import uuid_utils
from uuid_utils.compat import uuid7

Ids: TypeAlias = Literal["uuid", "bigint", "text"]
"""The type of an application's keys: of what an event is about, and of who did it."""

Key: TypeAlias = UUID | int | str
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
