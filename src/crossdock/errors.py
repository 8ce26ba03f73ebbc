"""The short tree of errors: a class is a kind, its docstring is the message, `code` is what clients match on.

What a client can do about it is the second paragraph of the docstring, or that of the kind above.

The HTTP status of a kind is decided in one place, `crossdock.web.errors`.
"""

import inspect
import re
from typing import Any


class CrossdockError(Exception):
    """Something went wrong."""

    retry_after_s: int | None = None

    def __init__(self, message: str | None = None, *, field: str | None = None, **details: Any) -> None:
        """`field` is the path of the input at fault, `details` are safe to show to the caller."""
        super().__init__(message or self.meaning())
        self.field = field
        self.details = details

    @classmethod
    def meaning(cls) -> str:
        """The message, where none is written for the case at hand."""
        return (cls.__doc__ or "").strip().splitlines()[0]

    @classmethod
    def remedy(cls) -> str:
        """What a client can do about it; empty where nobody wrote it down."""
        for kind in cls.__mro__:
            _, _, rest = inspect.cleandoc(kind.__doc__ or "").partition("\n\n")
            if rest and issubclass(kind, CrossdockError):
                return " ".join(rest.split())
        return ""

    @property
    def code(self) -> str:
        """Stable, in snake case: `OrderTooLate` is `order_too_late`."""
        return re.sub(r"(?<!^)(?=[A-Z])", "_", type(self).__name__).lower()


class Invalid(CrossdockError):
    """The input breaks a rule.

    Change what `errors` names, or what `detail` says, and send it again.
    """


class Unauthenticated(CrossdockError):
    """Sign in first: the access token is missing, wrong, expired or revoked.

    Get the next pair of tokens with your refresh token, or sign in again, and send the new access token.
    """


class Forbidden(CrossdockError):
    """Your role does not allow this.

    Ask somebody whose role may do it. Sent again, it is refused again.
    """


class NotFound(CrossdockError):
    """There is no such thing, or it is not yours to see.

    Check the id. What you may not see is answered as if it were not there.
    """


class Conflict(CrossdockError):
    """The thing is not in the state that this needs.

    Read it again and decide anew.
    """


class WrongState(Conflict):
    """The state does not allow this step.

    `details` has the state that it is in, the one that was wanted, and those that it can become.
    """

    def __init__(self, thing: str, current: str, wanted: str, allowed: tuple[str, ...] = ()) -> None:
        options = f"; from {current} it can become {', '.join(allowed)}" if allowed else ""
        super().__init__(
            f"The {thing} is {current}, so it cannot become {wanted}{options}.",
            current=current,
            wanted=wanted,
            allowed=list(allowed),
        )


class ChangedMeanwhile(Conflict):
    """Somebody else changed it at the same moment: read it again.

    Nothing was written. Send it again if it still is what you want.
    """


class PreconditionFailed(CrossdockError):
    """It has changed since you read it: read it again and send its new ETag in If-Match.

    Nothing was written. Somebody else was faster: look at what they changed before you change it.
    """


class PreconditionRequired(CrossdockError):
    """Send the ETag that you read in an If-Match header.

    `If-Match: *` changes it whatever its version is.
    """


class TooManyRequests(CrossdockError):
    """Too many tries: wait before the next one.

    Wait for as many seconds as `Retry-After` says: an earlier try is refused as well.
    """

    retry_after_s = 1

    def __init__(self, message: str | None = None, *, retry_after_s: int = 1) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class Unavailable(CrossdockError):
    """The service cannot answer right now; nothing was written, try again.

    Wait for as many seconds as `Retry-After` says, then send it again, with the same Idempotency-Key where it has one.
    """

    retry_after_s = 1


class Busy(Unavailable):
    """Somebody else holds what this needs for too long; nothing was written, try again."""


class ReadOnly(Unavailable):
    """Nothing is written here for now, and everything can still be read.

    Send it again later: an operator has switched writing off for a while.
    """

    retry_after_s = 30

    def __init__(self, module: str = "*", reason: str = "") -> None:
        what = "Nothing" if module == "*" else f"Nothing of {module}"
        why = f": {reason}" if reason else ""
        super().__init__(f"{what} is written for now{why}. Everything can still be read.")


class StatementTooSlow(Unavailable):
    """The database gave up a statement that took too long; nothing was written, try again."""


class PoolExhausted(Unavailable):
    """All database connections are in use; nothing was written, try again."""


class DatabaseUnavailable(Unavailable):
    """The database cannot be reached; try again."""


class OutcomeUnknown(Unavailable):
    """The connection broke while the change was being committed: read before you send it again.

    With an Idempotency-Key, send it again with the same one: it is done once, and answered as it was.
    """


class ConfigurationError(CrossdockError):
    """The settings do not work: one clear line, exit status 1."""


class ProgrammingError(CrossdockError):
    """The code broke a rule of Crossdock."""


class TransactionAborted(ProgrammingError):
    """The transaction was aborted inside, by an error that was swallowed: wrap what may fail in `tx.savepoint()`."""


class WriteInReading(ProgrammingError):
    """A reading does not write: use `database.transaction()`."""


class OutsideUnitOfWork(ProgrammingError):
    """A Tortoise model was used outside of `database.transaction()` and `database.reading()`: no tenant is set."""


class ConnectionRevoked(ProgrammingError):
    """The unit of work that had this connection has ended: a background task must open a transaction of its own."""
