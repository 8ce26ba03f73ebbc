"""A right candidate under concurrent writes: no difference is found, and nothing is lost or written twice."""

from crossdock.cutover import running_moves
from crossdock.cutover.operating import Operations
from crossdock.stages import Stage
from crossdock.transaction import Database
from tests.cutover.scene import brought_to, counted
from tests.cutover.writers import field_of, need_written_once, total, write_at_once

SEED = 20261127
WRITERS, ROUNDS = 6, 15


async def test_a_right_candidate_never_differs(moved: Database, operator: Operations) -> None:
    """Whoever else writes to the same bookings meanwhile, and each change is there once."""
    there = await field_of(moved)
    await brought_to(moved, Stage.REHEARSE)
    async with running_moves(moved) as moves:
        written = await write_at_once(moved, there, SEED, WRITERS, ROUNDS)
        await moves.settled()
    counts = total(await counted(operator))
    assert (counts.different, counts.noise) == (0, 0)
    assert counts.same > WRITERS * ROUNDS
    await need_written_once(moved, there, written)
