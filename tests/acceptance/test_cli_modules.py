"""The command line itself, and the commands that need no database: modules and openapi."""

import sys
from pathlib import Path

import pytest

from crossdock.cli.main import COMMANDS
from crossdock.registry import Registry
from tests.acceptance.process import crossdock, home, run
from tests.application import FREIGHT

NOTHING_HEAVY = """
import sys
from crossdock.cli.main import build
try:
    build(["modules"])(["modules", "--json"])
except SystemExit as end:
    assert not end.code
heavy = {"fastapi", "sqlalchemy", "tortoise", "asyncpg", "aerich", "alembic", "uvicorn"} & set(sys.modules)
assert not heavy, heavy
"""


async def test_help_names_every_command() -> None:
    """Asked for, and as the answer to a command without a name, which is wrong use: status 2."""
    asked, bare = await crossdock("--help"), await crossdock()
    assert (asked.status, bare.status) == (0, 2)
    assert all(command in asked.output for command in COMMANDS)


@pytest.mark.parametrize("wrong", [("sevre",), ("serve", "--port", "x"), ("modules", "trucks")])
async def test_wrong_use_has_a_status_of_its_own(wrong: tuple[str, ...]) -> None:
    """Status 2, and nothing on stdout."""
    ran = await crossdock(*wrong)
    assert (ran.status, ran.output) == (2, "")


async def test_wrong_settings_are_told_in_one_line() -> None:
    """Every variable at fault by its name, none by its value."""
    ran = await crossdock("migrate", "status", CROSSDOCK_WORKERS="s3cret", CROSSDOCK_LEGACY_POOL__MAX_SIZE="0")
    assert ran.is_one_line("WORKERS", "_POOL__MAX_SIZE")
    assert "s3cret" not in ran.errors


async def test_modules_as_json() -> None:
    """Every manifest, as the registry has it."""
    listed = {module["name"]: module for module in (await crossdock("modules", "--json")).json}
    registry = Registry.discover(FREIGHT)
    assert set(listed) == set(registry.modules)
    assert {name: tuple(module["tables"]) for name, module in listed.items()} == {
        module.name: module.tables for module in registry
    }
    assert listed["ledger"]["orm"] == "sqlalchemy"
    assert listed["bids"]["settings"] == ["CROSSDOCK_BIDS__AWARD_TTL_S"]


async def test_one_module_for_a_person() -> None:
    """Its tables, events and jobs, in full."""
    shown = (await crossdock("modules", "bids")).output
    assert all(word in shown for word in ("tortoise", "bid_history", "BidPlaced", "jobs:expire_awards"))


async def test_modules_loads_nothing_heavy() -> None:
    """No framework, no ORM and no driver: the answer is there at once."""
    assert (await run(Path(sys.executable), "-c", NOTHING_HEAVY)).status == 0


async def test_openapi_needs_and_leaves_nothing() -> None:
    """The document comes without a database, and no secret is made for it."""
    with home() as folder:
        ran = await crossdock("openapi", CROSSDOCK_DATA_DIR=str(folder))
        assert list(folder.iterdir()) == []
    assert ran.json["openapi"].startswith("3.1")
    assert "/v1/bookings/{booking_id}/bids" in ran.json["paths"]
