"""Ctrl-C while the service starts."""

from pathlib import Path

import pytest

from crossdock.config.settings import Settings
from tests.acceptance.interrupting import ended_in_order, interrupt


@pytest.mark.parametrize("moment", ["service typer", "worker logging.config"])
async def test_a_start_that_is_interrupted_prints_no_traceback(moment: str, settings: Settings, tmp_path: Path) -> None:
    """In the command before its own imports, and in a worker before its log is set up. The other
    moments: tests/faults/test_interrupts.py."""
    service = await interrupt(moment, tmp_path, settings)
    assert ended_in_order(service), service.log
