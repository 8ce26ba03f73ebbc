"""What other modules may use of accounts: the caller, their role, and how a token leads to them."""

from freight.modules.accounts.caller import Caller, NotACarrier, NotAShipper, RoleTooLow
from freight.modules.accounts.service.signing_in.callers import Callers
from freight.modules.accounts.service.signing_in.tokens import Tokens
from freight.modules.accounts.store.staff import Role

__all__ = ["Caller", "Callers", "NotACarrier", "NotAShipper", "Role", "RoleTooLow", "Tokens"]
