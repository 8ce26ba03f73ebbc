"""How an application keeps its tenants apart: key columns, settings of each transaction, and roles."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any

from crossdock.tenancy.scope import Everybody, Platform, Scope, Tenant
from crossdock.tenancy.validation import validate


@dataclass(frozen=True, slots=True, eq=False)
class Tenancy:
    """Both ORMs reach the tables as a role that neither owns them nor bypasses row level security.

    `scope` is the application's own `Tenant`. `columns` say whose a row is, each with its Python type (UUID, int or
    str): they are attributes of the scope, and columns of the library's own tables. `settings` are PostgreSQL's custom
    settings, each with the attribute of the scope that it is set to; policies read them. `signature` is the setting for
    the signature of the others (`tenancy/signer.py`), None where they are not signed.

    A role that is None is none: statements then run as the login itself. Raises ConfigurationError for names and types
    that PostgreSQL could not keep tenants apart with.
    """

    scope: type[Tenant] = Everybody
    columns: Mapping[str, type] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)
    tenant_role: str | None = None
    platform_role: str | None = None
    signature: str | None = None
    names: tuple[str, ...] = field(init=False)
    """Of the settings, the signature's last."""
    attributes: tuple[str, ...] = field(init=False)
    """Of the scope, in the order of the settings."""

    def __post_init__(self) -> None:
        # Once, and not for each unit of work: it adds up in a read that takes less than a tenth of a millisecond.
        object.__setattr__(self, "names", (*self.settings, *([self.signature] if self.signature else [])))
        object.__setattr__(self, "attributes", tuple(self.settings.values()))
        validate(self)

    @property
    def is_none(self) -> bool:
        """The application has no tenants."""
        return not self.columns

    @property
    def roles(self) -> tuple[str, ...]:
        """Those that `crossdock migrate up` makes: the tenants' first."""
        return tuple(role for role in (self.tenant_role, self.platform_role) if role is not None)

    def role_of(self, scope: Scope) -> str | None:
        """As whom its statements run."""
        return self.platform_role if isinstance(scope, Platform) else self.tenant_role

    def key_of(self, scope: Scope) -> dict[str, Any]:
        """Whose the rows are that it writes, by column; None for each column where it is the platform's."""
        return {column: None if isinstance(scope, Platform) else getattr(scope, column) for column in self.columns}

    def queue_of(self, scope: Scope) -> Hashable:
        """In whose queue it waits for a connection; None is the platform's."""
        if isinstance(scope, Platform):
            return None
        return tuple([getattr(scope, column) for column in self.columns])

    def values_of(self, tenant: Tenant) -> list[str]:
        """Of the settings, as text, without the signature."""
        return [str(getattr(tenant, attribute)) for attribute in self.attributes]

    def settings_of(self, scope: Scope, signature: str = "") -> dict[str, str]:
        """The settings of one transaction. The platform has none: its role is enough."""
        if isinstance(scope, Platform):
            return {}
        signed = [signature] if self.signature else []
        return dict(zip(self.names, [*self.values_of(scope), *signed], strict=True))


NO_TENANCY = Tenancy()
