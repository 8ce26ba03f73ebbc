"""For whom a unit of work runs: a tenant, the platform, or everybody where there are no tenants."""

from dataclasses import dataclass, field
from typing import Any, TypeAlias

from crossdock.tenancy.guard import Guard


@dataclass(frozen=True, slots=True)
class Tenant:
    """One tenant, and the person or machine that acts for it: the base of an application's own scope.

    An application derives from it and adds the fields that its `Tenancy` names, as in

        @dataclass(frozen=True, slots=True)
        class LibraryScope(Tenant):
            library_id: int
    """

    actor_id: Any = field(default=None, kw_only=True)
    guard: Guard | None = field(default=None, compare=False, repr=False, kw_only=True)


@dataclass(frozen=True, slots=True)
class Everybody(Tenant):
    """The scope of an application without tenants."""


@dataclass(frozen=True, slots=True)
class Platform:
    """The platform itself: sign-in before a tenant is known, timeouts, the relay. `reason` goes to the log."""

    reason: str
    actor_id: Any = None
    guard: Guard | None = field(default=None, compare=False, repr=False)


Scope: TypeAlias = Tenant | Platform
