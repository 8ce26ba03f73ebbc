"""What other modules may use of accounts: who is calling, and what their role allows."""

from crossdock.modules.accounts.caller import Caller, NotACarrier, NotAShipper, RoleTooLow
from crossdock.modules.accounts.callers import Callers
from crossdock.modules.accounts.store import Role
from crossdock.modules.accounts.tokens import Tokens

__all__ = ["Caller", "Callers", "NotACarrier", "NotAShipper", "Role", "RoleTooLow", "Tokens"]
