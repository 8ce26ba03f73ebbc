"""What isolation rests on in PostgreSQL, beside models and rules: one table of invariants, asked in one place.

`crossdock schema check` and `crossdock doctor` show what does not hold, with the SQL that mends it. The service asks
the same before it opens its port.
"""

from crossdock.isolation.ask import INVARIANTS, NotIsolated, ask, ask_before_start
from crossdock.isolation.invariant import Broken, Invariant, Severity

__all__ = ["INVARIANTS", "Broken", "Invariant", "NotIsolated", "Severity", "ask", "ask_before_start"]
