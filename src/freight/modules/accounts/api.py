"""What other modules may use of accounts: the caller and their role, how a token leads to them, and the operators."""

from freight.modules.accounts.caller import Caller, NotACarrier, NotAShipper, NotForOperators, OperatorsOnly, RoleTooLow
from freight.modules.accounts.schemas.staff import OperatorIn
from freight.modules.accounts.service.signing_in.callers import Callers
from freight.modules.accounts.service.signing_in.passwords import PASSWORDS
from freight.modules.accounts.service.signing_in.tokens import Tokens
from freight.modules.accounts.service.staff.operators import add_operator, suspend_operator
from freight.modules.accounts.store.staff import Role

__all__ = [
    "PASSWORDS",
    "Caller",
    "Callers",
    "NotACarrier",
    "NotAShipper",
    "NotForOperators",
    "OperatorIn",
    "OperatorsOnly",
    "Role",
    "RoleTooLow",
    "Tokens",
    "add_operator",
    "suspend_operator",
]
