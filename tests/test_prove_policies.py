"""What `make prove-policies` says, without pgrls: its answers are given here. The make target runs the real one."""

import json
import tomllib
from pathlib import Path

import pytest

from crossdock.config.settings import Settings
from tests.world import Server
from tools import prove_policies

ANSWERS = """#!/bin/sh
[ "$1" = lint ] && file=lint || file=$3
cat "{folder}/$file.json"
exit 1
"""
RULES = tomllib.loads(prove_policies.CONFIG.read_text())["lint"]["rules"]


@pytest.fixture
def pgrls(tmp_path: Path) -> Path:
    """A program that answers with a file for each mode, beside it."""
    program = tmp_path / "pgrls"
    program.write_text(ANSWERS.format(folder=tmp_path))
    program.chmod(0o700)
    return program


def test_a_leak_is_told_and_so_is_what_is_proved_no_longer(pgrls: Path) -> None:
    """What it could not decide before is passed over, until it can."""
    verdicts = {"teams": "leak", "users": "unverified", "bookings": "unverified", "sessions": "proven"}
    tables = [{"table": f"public.{table}", "verdict": verdict} for table, verdict in verdicts.items()]
    pgrls.with_name("anon.json").write_text(json.dumps({"tables": tables}))
    told = prove_policies.proved(str(pgrls), "postgresql://", "anon")
    assert [line.split(" ", 2)[1] for line in told] == ["companies", "ledger_accounts", "teams", "users"]
    assert "anon: teams LEAKS" in told


def test_what_its_rules_find_is_told(pgrls: Path) -> None:
    found = [{"rule_id": "SEC014", "location": "public.f", "title": "It runs as its owner"}]
    pgrls.with_name("lint.json").write_text(json.dumps({"violations": found}))
    assert prove_policies.linted(str(pgrls), "postgresql://") == ["SEC014 public.f: It runs as its owner"]


def test_a_program_that_fails_ends_it(tmp_path: Path) -> None:
    """No answer is no proof."""
    program = tmp_path / "pgrls"
    program.write_text("#!/bin/sh\necho no server >&2\nexit 2\n")
    program.chmod(0o700)
    with pytest.raises(SystemExit, match="no server"):
        prove_policies.linted(str(program), "postgresql://")


async def test_what_is_passed_over_is_there(server: Server, settings: Settings) -> None:
    """Each table, trigger and function that the proof makes an exception of or is told of: none outlives its reason."""
    connection = await server.connect(settings.direct.database)
    tables = {name for (name,) in await connection.fetch("SELECT relname FROM pg_class WHERE relkind = 'r'")}
    functions = {name for (name,) in await connection.fetch("SELECT proname FROM pg_proc")}
    triggers = {
        f"public.{table}.{name}"
        for table, name in await connection.fetch("SELECT tgrelid::regclass::text, tgname FROM pg_trigger")
    }
    await connection.close()
    assert set().union(*prove_policies.UNDECIDED.values()) <= tables
    assert {name.removeprefix("public.") for name in RULES["SEC001"]["allowlist"]} <= tables
    assert set(RULES["SEC013"]["allowlist"]) <= triggers
    assert {
        *prove_policies.CONTEXT,
        *(name.removeprefix("public.") for name in RULES["SEC014"]["allowlist"]),
    } <= functions
