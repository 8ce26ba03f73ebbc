"""A plain model of the ledger: three companies' books as numbers, and when a verb must be refused."""

from dataclasses import dataclass, field

COMPANIES = 3


@dataclass
class Moved:
    """What one transfer did, and how far it has come."""

    owner: int
    amount: int
    status: str
    posted: int = 0


def zeros() -> list[int]:
    return [0] * COMPANIES


@dataclass
class Model:
    """Transfers are known by the number that the machine gives them. A verb answers None, or the refusal's code."""

    fee_basis_points: int
    wallet: list[int] = field(default_factory=zeros)
    held: list[int] = field(default_factory=zeros)
    pending: list[int] = field(default_factory=zeros)
    fees: list[int] = field(default_factory=zeros)
    external: list[int] = field(default_factory=zeros)
    made: dict[int, Moved] = field(default_factory=dict)

    def deposit(self, number: int, owner: int, amount: int) -> None:
        self.wallet[owner] += amount
        self.external[owner] -= amount
        self.made[number] = Moved(owner, amount, status="posted", posted=amount)

    def hold(self, number: int, owner: int, amount: int) -> str | None:
        if amount > self.wallet[owner] - self.pending[owner]:
            return "insufficient_funds"
        self.pending[owner] += amount
        self.made[number] = Moved(owner, amount, status="pending")
        return None

    def settle(self, number: int, payee: int) -> str | None:
        moved = self.made[number]
        if moved.status != "pending":
            return "not_pending"
        self._resolve(moved, "posted", moved.amount)
        fee = moved.amount * self.fee_basis_points // 10_000
        self.held[moved.owner] -= moved.amount
        self.wallet[payee] += moved.amount - fee
        self.fees[moved.owner] += fee
        return None

    def void(self, number: int, *, expired: bool) -> str | None:
        if self.made[number].status != "pending":
            return "not_pending"
        self._resolve(self.made[number], "expired" if expired else "voided", 0)
        return None

    def _resolve(self, moved: Moved, status: str, posted: int) -> None:
        moved.status, moved.posted = status, posted
        self.pending[moved.owner] -= moved.amount
        self.wallet[moved.owner] -= posted
        self.held[moved.owner] += posted
