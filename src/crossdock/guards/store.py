"""A store whose answers are looked at before anybody gets them."""

from collections.abc import Awaitable, Callable
from functools import wraps
from inspect import iscoroutinefunction
from typing import Any

from crossdock.guards.findings import OrmObjectLeftStore
from crossdock.guards.objects import orm_object_in
from crossdock.guards.places import here

Found = Callable[..., None]


class WatchedStore:
    """Everything that the store is, with a look at what its methods return."""

    def __init__(self, store: Any, found: Found) -> None:
        self._store = store
        self._found = found

    def __repr__(self) -> str:
        return f"<watched {self._store!r}>"

    @property  # type: ignore[misc]  # mypy takes it for a plain attribute
    def __class__(self) -> type[Any]:
        """For `isinstance`."""
        return type(self._store)

    def __getattr__(self, name: str) -> Any:
        value = getattr(self._store, name)
        if not iscoroutinefunction(value):
            return value
        self.__dict__[name] = method = _looked_at(value, f"{type(self._store).__name__}.{name}", self._found)
        return method


def _looked_at(method: Callable[..., Awaitable[Any]], name: str, found: Found) -> Callable[..., Awaitable[Any]]:
    @wraps(method)
    async def looked_at(*args: Any, **options: Any) -> Any:
        answer = await method(*args, **options)
        stray = orm_object_in(answer)
        if stray is not None:
            found(OrmObjectLeftStore, f"{name}() returned an object of an ORM, {_kind(stray)}", here())
        return answer

    return looked_at


def _kind(stray: Any) -> str:
    return f"{type(stray).__module__}.{type(stray).__qualname__}"
