"""BEGIN, with the role, the settings and the guard's question of a scope."""

from crossdock.errors import ProgrammingError
from crossdock.pools.checkout import Checkout
from crossdock.tenancy import Scope
from crossdock.tenancy.statements import Access
from crossdock.transaction.environment import Environment
from crossdock.transaction.faults import driver_error, was_refused


class Begin:
    """Of one unit of work. It is sent at once, or is the first item of what is pending."""

    __slots__ = ("_access", "_environment", "_scope")

    def __init__(self, environment: Environment, scope: Scope, *, read_only: bool, snapshot: bool = False) -> None:
        self._environment = environment
        self._scope = scope
        self._access = Access(read_only, snapshot)

    async def send(self, checkout: Checkout) -> None:
        """Raises ProgrammingError where no transaction is open after it, and what the driver raises."""
        try:
            await self._send(checkout)
        except BaseException as error:
            if not was_refused(driver_error(error)):
                # Cancelled, or cut off: PostgreSQL may begin later, and the driver would not know. The connection is
                # closed, so that nobody gets one that is in somebody else's transaction.
                checkout.abandon()
            raise
        passed_guard(self._scope)

    async def _send(self, checkout: Checkout) -> None:
        # SQLAlchemy alone would send BEGIN with its own first statement. Tortoise's writes before that would commit by
        # themselves, so this comes before any statement of either.
        # No `timeout`: the driver's own limit is past the server's `lock_timeout`, and the guard's question, which is
        # in this string, may wait for a lock. With two limits that are alike, the wrong one might strike.
        await checkout.connection.driver.execute(self.sql(checkout))
        if not checkout.driver.is_in_transaction():
            raise ProgrammingError("BEGIN was sent and no transaction is open.")

    def sql(self, checkout: Checkout) -> str:
        """One string of the simple protocol: one round trip."""
        statements, access = self._environment.statements, self._access
        signature = self._environment.signer.sign(self._scope, checkout.connection.backend)
        if checkout.connection.keeps_session:
            return statements.begin_in_kept_session(self._scope, access, signature=signature)
        return statements.begin(self._scope, access, signature=signature)


def passed_guard(scope: Scope) -> None:
    """PostgreSQL was asked the guard's question, and did not refuse."""
    if scope.guard is not None:
        scope.guard.passed = True
