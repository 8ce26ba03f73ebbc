"""A request leaves nothing to the garbage collector, which would stop the process to look for it."""

from pathlib import Path

import pytest

from crossdock.config.settings import Settings
from tests.acceptance.process import environment
from tests.commands.quick import ROOT, quickly
from tests.web.leaving import ASKS, LOOKED_AFTER_S, TIMES

Left = dict[str, dict[str, tuple[list[int], list[str]]]]


@pytest.fixture(scope="module")
async def left(settings: Settings) -> Left:
    ran = await quickly(
        "tests.web.leaving:main", "leaving", folder=Path(ROOT), environment=environment(settings, PYTHONPATH=str(ROOT))
    )
    assert ran.status == 0, ran
    found: Left = ran.json
    return found


@pytest.mark.parametrize("how", LOOKED_AFTER_S)
@pytest.mark.parametrize("what", ASKS)
def test_a_request_leaves_no_circle(left: Left, what: str, how: str) -> None:
    """Nothing of ours refers to itself once it is answered, so it goes at once; also where it took so long that the
    shell looked whether anybody waits for it."""
    status, _ = ASKS[what]
    assert left[how][what] == [[status] * TIMES, []]
