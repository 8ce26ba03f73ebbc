"""Money: whole minor units and a currency, never a float."""

from dataclasses import dataclass

MAX_AMOUNT_MINOR = 10**15
"""The largest single amount. Far below 2^63, so that a sum over every account stays in a bigint."""


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in minor units (cents for EUR) of an ISO 4217 currency."""

    amount_minor: int
    currency: str

    def __str__(self) -> str:
        sign, absolute = ("-" if self.amount_minor < 0 else ""), abs(self.amount_minor)
        return f"{sign}{absolute // 100:,}.{absolute % 100:02d} {self.currency}"
