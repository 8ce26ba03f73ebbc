"""What a unit of work has not sent yet: BEGIN, rows that are added, changes of role. They are sent in their order."""

from collections.abc import Sequence
from typing import Protocol

from crossdock.driver.lock import PendingWork
from crossdock.pools.checkout import Checkout


class Work(Protocol):
    """One piece of pending work: `Begin`, `InsertRows` or `SetRole`."""

    async def send(self, checkout: Checkout) -> None:
        """Sends it, on a connection whose lock the caller holds."""
        ...


class SetRole:
    """The transaction goes on under another role; None is the login itself.

    `previous` is the role before it. `restores`: it follows a savepoint that was undone, so nobody knows here
    which role there was before it.
    """

    __slots__ = ("previous", "restores", "role")

    def __init__(self, role: str | None, previous: str | None, *, restores: bool = False) -> None:
        self.role = role
        self.previous = previous
        self.restores = restores

    async def send(self, checkout: Checkout) -> None:
        """As `Work.send`."""
        await checkout.connection.driver.execute(f"SET LOCAL ROLE {self.role or 'NONE'}")


class Pending(PendingWork):
    """The pending work of one unit of work, and the role that its transaction has after it.

    The first `due` items are sent before the next statement of either ORM, the others at the end at the latest. Each is
    sent once and in its order. While an item fails, no later statement is sent: the next flush begins with it again.
    """

    _first_was_tried = False
    _role_was_set = False

    def __init__(self, checkout: Checkout, role: str | None, *items: Work) -> None:
        """`role` is the one that the transaction begins with, `items` are due before its first statement."""
        self._checkout = checkout
        self._role = role
        self.items = list(items)
        self.due = len(items)

    def __repr__(self) -> str:
        return f"<Pending {', '.join(type(item).__name__ for item in self.items) or 'nothing'}>"

    @property
    def unsent(self) -> Sequence[Work]:
        """The items of which PostgreSQL can have seen nothing: all but a first one whose sending was interrupted."""
        return self.items[self._first_was_tried :]

    @property
    def last(self) -> Work | None:
        """The last item, where PostgreSQL can have seen nothing of it: it may still be changed or taken back."""
        return self.items[-1] if len(self.items) > self._first_was_tried else None

    def put_off(self, item: Work) -> None:
        """Adds an item that is due at the end."""
        self.items.append(item)

    def make_due(self) -> None:
        """All items are due before the next statement."""
        self.due = len(self.items)

    def set_role(self, role: str | None) -> None:
        """Changes the role before the next statement, after all that is pending.

        A change and its opposite, with nothing between them, are neither sent.
        """
        last = self.last
        if isinstance(last, SetRole) and last.previous == role and not last.restores:
            self.items.pop()
        else:
            self.items.append(SetRole(role, self._role))
        self._role = role
        self._role_was_set = True
        self.make_due()

    def take_back_role(self, role: str | None) -> None:
        """Takes back the last item where it is a change to this role."""
        last = self.last
        if isinstance(last, SetRole) and last.role == role and not last.restores:
            self.items.pop()
            self._role = last.previous
            self.make_due()

    async def flush(self) -> None:
        """As `PendingWork.flush`. Hold the connection's lock."""
        self.make_due()
        await self.flush_due()

    async def flush_due(self) -> None:
        """As `PendingWork.flush_due`. Hold the connection's lock."""
        while self.due:  # other tasks may add more while this one waits for PostgreSQL
            # A cancellation or an error in `send` leaves the item where it is, marked as tried: PostgreSQL may have
            # done it. It is sent again before anything else, and fails with the transaction, if that has failed.
            self._first_was_tried = True
            await self.items[0].send(self._checkout)
            # No `await` from here on: an item that was sent is never there for somebody else.
            del self.items[0]
            self.due -= 1
            self._first_was_tried = False

    def discard(self) -> None:
        """As `PendingWork.discard`. Hold the connection's lock.

        ROLLBACK TO brings back the role that the savepoint began with. Where the role was ever changed, the one of now
        is set again before the next statement.
        """
        self.clear()
        if self._role_was_set:
            self.items.append(SetRole(self._role, self._role, restores=True))
            self.make_due()

    def clear(self) -> None:
        """Forgets all items."""
        self.items.clear()
        self.due = 0
        self._first_was_tried = False
