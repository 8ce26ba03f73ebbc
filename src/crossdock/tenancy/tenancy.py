"""How an application keeps its tenants apart: key columns, settings of each transaction, and roles."""

from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from crossdock.errors import Invalid, ProgrammingError
from crossdock.tenancy.scope import Everybody, Platform, Scope, Tenant
from crossdock.tenancy.validation import validate


@dataclass(frozen=True, slots=True, eq=False)
class Tenancy:
    """Both ORMs reach the tables as a role that neither owns them nor bypasses row level security.

    `scope` is the application's own `Tenant`. `columns` say whose a row is, each with its Python type (UUID, int or
    str): they are attributes of the scope, and columns of the library's own tables. `settings` are PostgreSQL's custom
    settings, each with the attribute of the scope that it is set to; policies read them. `signature` is the setting for
    the signature of the others (`tenancy/signer.py`). Without one, a statement that sets the others itself is believed:
    the policies then hold against mistakes, and not against SQL that somebody smuggled in.

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
    texts: tuple[str, ...] = field(init=False)
    """Those of them that may be any text."""

    def __post_init__(self) -> None:
        # Once, and not for each unit of work: it adds up in a read that takes less than a tenth of a millisecond.
        object.__setattr__(self, "names", (*self.settings, *([self.signature] if self.signature else [])))
        object.__setattr__(self, "attributes", tuple(self.settings.values()))
        texts = [each for each in self.attributes if self.columns.get(each) not in (UUID, int)]
        object.__setattr__(self, "texts", tuple(texts))
        validate(self)

    @property
    def is_none(self) -> bool:
        """The application has no tenants."""
        return not self.columns

    @property
    def roles(self) -> tuple[str, ...]:
        """Those that `crossdock migrate up` makes: the tenants' first."""
        return tuple(role for role in (self.tenant_role, self.platform_role) if role is not None)

    def check(self, scope: Scope) -> None:
        """Raises ProgrammingError for a scope of another tenancy, or a key of another type; Invalid for a text that
        PostgreSQL could not take, or not take for this tenant's alone."""
        if isinstance(scope, Platform):
            return
        if not isinstance(scope, self.scope):
            contract = " A contract stands second: `reading(scope, contract)`." if isinstance(scope, type) else ""
            none = " With no tenants the scope is None." if contract and self.is_none else ""
            raise ProgrammingError(
                f"The scope of this application is {self.scope.__name__}, and not {scope!r}.{contract}{none}"
            )
        for column, kind in self.columns.items():
            if not isinstance(getattr(scope, column), kind):
                raise ProgrammingError(f"{column} of {scope!r} is no {kind.__name__}.")
        for attribute in self.texts:
            if not self._is_safe(str(getattr(scope, attribute))):
                raise Invalid(f"The {attribute} has a character that is not allowed in it.")

    def _is_safe(self, text: str) -> bool:
        # Signed, the values stand in one text with `|` between them. With one inside of a value, "a|b" and "c" would
        # have the signature of "a" and "b|c", and the one tenant could take itself for the other.
        if self.signature and "|" in text:
            return False
        if text.isascii():  # nearly always, and much quicker than to encode it
            return "\0" not in text  # it would end the statement half way
        return "\0" not in text and not any("\ud800" <= each <= "\udfff" for each in text)  # not in UTF-8

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
