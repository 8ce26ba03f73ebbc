"""The order for a transfer, and the rules that it must keep whatever the balances are."""

import re
from dataclasses import dataclass
from uuid import UUID

from crossdock.errors import ProgrammingError
from freight.modules.ledger.store import AccountKey, TransferKind
from freight.money import MAX_AMOUNT_MINOR, Money

REFERENCE_MAX = 200
CURRENCY = re.compile(r"[A-Z]{3}")


class WrongAmount(ProgrammingError):
    """An amount is a whole number of minor units, above zero and within the limit."""


class WrongCurrency(ProgrammingError):
    """A transfer is in one currency, that of both its accounts."""


class SameAccount(ProgrammingError):
    """A transfer needs two accounts."""


class WrongReference(ProgrammingError):
    """A reference is a text of 1 to 200 characters."""


@dataclass(frozen=True, slots=True)
class Order:
    """A transfer that is to be made: `amount` moves from the account `debit` to the account `credit`."""

    kind: TransferKind
    reference: str
    amount: Money
    debit: AccountKey
    credit: AccountKey
    subject_id: UUID | None = None

    def __post_init__(self) -> None:
        """Raises WrongAmount, WrongCurrency, SameAccount, WrongReference."""
        check_amount(self.amount)
        if not self.amount.currency == self.debit.currency == self.credit.currency:
            raise WrongCurrency
        if self.debit == self.credit:
            raise SameAccount
        if not 0 < len(self.reference) <= REFERENCE_MAX:
            raise WrongReference


def check_amount(amount: Money) -> None:
    """Raises WrongAmount, WrongCurrency. A float is refused, which is not exact, and a bool, which is an int."""
    if type(amount.amount_minor) is not int or not 0 < amount.amount_minor <= MAX_AMOUNT_MINOR:
        raise WrongAmount
    if not CURRENCY.fullmatch(amount.currency):
        raise WrongCurrency
