"""Moving a module to the other ORM while it serves: what is compared, when a step may be taken, and the way back.

The words are scientist's: the control answers today, the candidate is to answer tomorrow, a mismatch is a difference
between their answers, and what is known to differ is ignored, with a reason.
"""

from crossdock.cutover.rules import Case, Clean, Ignore, Moving
from crossdock.cutover.running import running_moves

__all__ = ["Case", "Clean", "Ignore", "Moving", "running_moves"]
