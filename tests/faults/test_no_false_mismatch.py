"""A right candidate, compared thousands of times while others write: never once does it differ.

It compares 10,000 calls, which is a minute or two. CROSSDOCK_TEST_COMPARISONS asks for more.
"""

import os
from collections import Counter
from collections.abc import AsyncIterator, Callable
from uuid import UUID

import pytest

from crossdock.config.settings import Settings
from crossdock.cutover import running_moves
from crossdock.cutover.operating import Operations
from crossdock.registry import Registry
from crossdock.stages import Stage
from crossdock.transaction import Database
from tests.cutover.conftest import *  # noqa: F403  a database of its own, and who moves it
from tests.cutover.conftest import QUICK
from tests.cutover.scene import brought_to, counted
from tests.cutover.writers import field_of, need_written_once, total, write_at_once
from tests.world import PATIENT_S

pytestmark = pytest.mark.longest

COMPARISONS = int(os.environ.get("CROSSDOCK_TEST_COMPARISONS", "10000"))
SEED = 20261127
WRITERS, ROUNDS = 8, 100


@pytest.fixture
async def moved(apart: Settings, registry: Registry) -> AsyncIterator[Database]:
    """With room for many reads at once, and patience: a store that gives no answer in time, and not once, is to blame
    for it, and on a machine that is busy enough any store is."""
    roomy = {"waiting_max": 10_000, "connections": 4, "timeout_s": PATIENT_S}
    async with Database(apart.model_copy(update={"moves": QUICK.model_copy(update=roomy)}), registry) as opened:
        yield opened


async def test_no_comparison_is_false(
    moved: Database, operator: Operations, record_property: Callable[[str, object], None]
) -> None:
    """No difference and no noise, whatever is written between the two answers; and each change is there once."""
    there, written = await field_of(moved), Counter[UUID]()
    await brought_to(moved, Stage.REHEARSE)
    async with running_moves(moved) as moves:
        seed, compared = SEED, 0
        while compared < COMPARISONS:
            written += await write_at_once(moved, there, seed, WRITERS, ROUNDS)
            await moves.settled()
            counts = total(await counted(operator))
            seed, compared = seed + 1, counts.compared
            assert (counts.different, counts.noise) == (0, 0), await operator.mismatches("bookings")
    record_property("comparisons", counts.compared)
    record_property("unclear", counts.unclear)
    record_property("dropped", counts.dropped)
    await need_written_once(moved, there, written)
