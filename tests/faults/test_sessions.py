"""Many random plays of units that end in every way, on sessions that are kept."""

import pytest

from crossdock.config.settings import Settings
from crossdock.registry import Registry
from tests.library.test_kept_sessions import play_at_random
from tests.world import Server


@pytest.mark.parametrize("size", [1, 2])
def test_no_session_is_ever_bound_to_a_tenant(
    settings: Settings, registry: Registry, server: Server, size: int
) -> None:
    """As tests/library/test_kept_sessions.py does with a few."""
    play_at_random(settings, registry, server, size, plays=40)
