"""A plain model of the ledger: three companies' books as numbers, and when a verb must be refused."""

from dataclasses import dataclass, field
from datetime import datetime

COMPANIES = 3


@dataclass
class Moved:
    """What one transfer did, and how far it has come."""

    owner: int
    amount: int
    is_hold: bool
    status: str
    posted: int = 0
    expires_at: datetime | None = None
    reversed: bool = False


def zeros() -> list[int]:
    return [0] * COMPANIES


@dataclass
class Model:
    """Transfers are known by the number that the machine gives them. A verb answers None, or the refusal's code."""

    fee_basis_points: int
    wallet: list[int] = field(default_factory=zeros)
    held: list[int] = field(default_factory=zeros)
    pending: list[int] = field(default_factory=zeros)
    fees: int = 0
    external: int = 0
    made: dict[int, Moved] = field(default_factory=dict)

    def deposit(self, number: int, owner: int, amount: int) -> None:
        self.wallet[owner] += amount
        self.external -= amount
        self.made[number] = Moved(owner, amount, is_hold=False, status="posted", posted=amount)

    def hold(self, number: int, owner: int, amount: int, expires_at: datetime | None) -> str | None:
        if amount > self.wallet[owner] - self.pending[owner]:
            return "insufficient_funds"
        self.pending[owner] += amount
        self.made[number] = Moved(owner, amount, is_hold=True, status="pending", expires_at=expires_at)
        return None

    def post(self, number: int, part: int, now: datetime) -> str | None:
        moved = self.made[number]
        if moved.status != "pending":
            return "not_pending"
        if moved.expires_at and moved.expires_at <= now:
            return "hold_overdue"
        self._resolve(moved, "posted", part)
        return None

    def settle(self, number: int, payee: int, now: datetime) -> str | None:
        moved = self.made[number]
        refusal = self.post(number, moved.amount, now)
        if refusal is None:
            fee = moved.amount * self.fee_basis_points // 10_000
            self.held[moved.owner] -= moved.amount
            self.wallet[payee] += moved.amount - fee
            self.fees += fee
        return refusal

    def void(self, number: int) -> str | None:
        if self.made[number].status != "pending":
            return "not_pending"
        self._resolve(self.made[number], "voided", 0)
        return None

    def expire(self, now: datetime) -> None:
        for moved in self.made.values():
            if moved.status == "pending" and moved.expires_at and moved.expires_at <= now:
                self._resolve(moved, "expired", 0)

    def reverse(self, number: int) -> str | None:
        moved = self.made[number]
        if moved.status != "posted":
            return "nothing_to_reverse"
        if moved.reversed:
            return "already_reversed"
        return self._take_back(moved)

    def _take_back(self, moved: Moved) -> str | None:
        owner = moved.owner
        available = self.held[owner] if moved.is_hold else self.wallet[owner] - self.pending[owner]
        if moved.posted > available:
            return "insufficient_funds"
        moved.reversed = True
        if moved.is_hold:
            self.held[owner] -= moved.posted
            self.wallet[owner] += moved.posted
        else:
            self.wallet[owner] -= moved.posted
            self.external += moved.posted
        return None

    def _resolve(self, moved: Moved, status: str, posted: int) -> None:
        moved.status, moved.posted = status, posted
        self.pending[moved.owner] -= moved.amount
        self.wallet[moved.owner] -= posted
        self.held[moved.owner] += posted
