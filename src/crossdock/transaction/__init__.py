"""The unit of work over both ORMs: `async with database.transaction(scope) as tx`, and `database.reading(...)`.

There is no other access to the connections of the pools.
"""

from crossdock.transaction.appending import Appending
from crossdock.transaction.database import Database
from crossdock.transaction.reading import Reading
from crossdock.transaction.rows import Rows
from crossdock.transaction.transaction import Transaction
from crossdock.transaction.unit import Unit

__all__ = ["Appending", "Database", "Reading", "Rows", "Transaction", "Unit"]
