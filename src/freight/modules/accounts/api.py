"""What other modules may use of accounts: who is calling, and what their role allows."""

from freight.modules.accounts.caller import Caller, NotACarrier, NotAShipper, RoleTooLow
from freight.modules.accounts.callers import Callers
from freight.modules.accounts.store import Role
from freight.modules.accounts.tokens import Tokens

__all__ = ["Caller", "Callers", "NotACarrier", "NotAShipper", "Role", "RoleTooLow", "Tokens"]
