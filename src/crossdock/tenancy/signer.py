"""The signature that PostgreSQL asks for before it believes which tenant a unit of work runs for.

Whatever a tenant's statement can set, another tenant's statement could set too: `set_config` is open to everybody. So
the settings alone prove nothing. The policies believe them together with a signature by a key that the tenants' login
cannot read (the function `scope_is_genuine`).
"""

from hashlib import sha256

from crossdock.tenancy.scope import Platform, Scope, Tenant
from crossdock.tenancy.tenancy import Tenancy


class Signer:
    """Signs scopes with the key that `read_key` has read; without one, signatures are empty.

    `is_needed`: whether the tenants' login has to show signatures. One that may become the platform's role has not: it
    could read everything anyhow.
    """

    def __init__(self, tenancy: Tenancy, *, is_needed: bool) -> None:
        self._tenancy = tenancy
        self._is_needed = is_needed and tenancy.signature is not None
        self._key: bytes | None = None

    @property
    def lacks_key(self) -> bool:
        return self._is_needed and self._key is None

    def use(self, key: bytes | None) -> None:
        """From now on scopes are signed with it."""
        self._key = key

    def sign(self, scope: Scope, backend: int | None) -> str:
        """In hexadecimal digits. `backend`: the process that it is good for; None behind a pooler, which hides it.

        Bound to a process, a signature is of no use to whoever reads it in `pg_stat_activity`.
        """
        if self._key is None or isinstance(scope, Platform):
            return ""
        return self._sign(self._key, self._tenancy.values_of(scope), backend)

    def parameters_of(self, tenant: Tenant, backend: int | None) -> list[str]:
        """What a tenant's settings are set to, the signature among them: in the order of `Tenancy.names`."""
        values = self._tenancy.values_of(tenant)
        if self._tenancy.signature:
            values.append("" if self._key is None else self._sign(self._key, values, backend))
        return values

    @staticmethod
    def _sign(key: bytes, values: list[str], backend: int | None) -> str:
        # `scope_is_genuine` makes the same text of the settings. `Tenancy.check` refuses a value with a bar in it.
        message = "|".join([*values, str(backend or "")]).encode()
        return sha256(key + sha256(key + message).digest()).hexdigest()
