"""Finds an object of an ORM in what a store returns."""

from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from itertools import islice
from typing import Any

from sqlalchemy import inspect
from sqlalchemy.orm import InstanceState
from tortoise.models import Model
from tortoise.queryset import AwaitableQuery

DEPTH_MAX = 4
ITEMS_MAX = 20
"""How many items of a collection are looked at: what one is, the others are."""


def orm_object_in(value: Any, depth: int = DEPTH_MAX) -> Any:
    """The first one in a value, or in the dataclasses and collections that it is made of. None where there is none."""
    if isinstance(value, Model | AwaitableQuery) or isinstance(inspect(value, raiseerr=False), InstanceState):
        return value
    if depth == 0:
        return None
    found = (orm_object_in(each, depth - 1) for each in islice(_parts(value), ITEMS_MAX))
    return next((each for each in found if each is not None), None)


def _parts(value: Any) -> Iterable[Any]:
    if isinstance(value, list | tuple | set | frozenset):
        return value
    if isinstance(value, Mapping):
        return value.values()
    if is_dataclass(value):
        return [getattr(value, each.name, None) for each in fields(value)]
    return ()
