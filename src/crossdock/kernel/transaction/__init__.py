"""One verb over both ORMs: `async with database.transaction(scope) as tx`."""

from crossdock.kernel.transaction.appending import Appending
from crossdock.kernel.transaction.database import Database
from crossdock.kernel.transaction.rows import Rows
from crossdock.kernel.transaction.transaction import Transaction
from crossdock.kernel.transaction.unit import Unit

__all__ = ["Appending", "Database", "Rows", "Transaction", "Unit"]
