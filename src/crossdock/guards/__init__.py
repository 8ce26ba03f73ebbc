"""Guards at the border of the ORMs: a unit of work that is watched is kept from what works on a developer's machine and
fails under load, or behind a pooler.

Nothing here knows a pool or a unit of work. Public names are imported at their first use.
"""

from typing import TYPE_CHECKING

from crossdock.lazy import lazily

if TYPE_CHECKING:
    from crossdock.guards.findings import (
        Finding,
        NestedUnitOfWork,
        OrmObjectLeftStore,
        QueryPerRow,
        SessionFeatureUsed,
        allow,
    )

__all__ = ["Finding", "NestedUnitOfWork", "OrmObjectLeftStore", "QueryPerRow", "SessionFeatureUsed", "allow"]

_PLACES = {"findings": "Finding NestedUnitOfWork OrmObjectLeftStore QueryPerRow SessionFeatureUsed allow"}

if not TYPE_CHECKING:  # a type checker would take every name for one
    __getattr__ = lazily(__name__, _PLACES)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
