"""`crossdock move`: every command by itself and with --json, with its exit status and what it says."""

import re
from typing import Any

import pytest

from crossdock.cutover import running_moves
from crossdock.registry import Registry
from crossdock.stages import Stage
from crossdock.transaction import Database
from tests.acceptance.process import crossdock
from tests.commands.quick import Ran
from tests.cutover.scene import METHODS, MODULE, booked, brought_to, make_heavier
from tests.stores.rows import tenant

GATE = {
    "CROSSDOCK_MOVES__COMPARISONS_MIN": "1",
    "CROSSDOCK_MOVES__STAGE_MIN_S": "0",
    "CROSSDOCK_MOVES__SLOWER_MAX": "1000",
}
STATE = {"module", "control", "stage", "share", "sample", "since", "read_only", "reason", "changed_by", "version"}


async def move(moved: Database, *arguments: str) -> Ran:
    return await crossdock("move", *arguments, settings=moved.settings, **GATE)


async def said(moved: Database, *arguments: str) -> str:
    """What a command says that does what it is told, on one line."""
    ran = await move(moved, *arguments)
    assert (ran.status, ran.errors) == (0, ""), ran
    return " ".join(ran.output.split())


async def given(moved: Database, *arguments: str, status: int = 0) -> Any:
    """What it gives to a program."""
    ran = await move(moved, *arguments, "--json")
    assert ran.status == status, ran
    return ran.json


async def test_the_way(moved: Database, registry: Registry) -> None:
    """From the start by the cases of the module to the next stage, and back, each step in words."""
    control = registry.modules[MODULE].orm
    path = f"from {control} to {control.other}, since"
    assert (await said(moved, "start", MODULE, "--sample", "50")).startswith(f"bookings: shadow, {path} 20")
    shut = await move(moved, "advance", MODULE)
    assert shut.is_one_line("bookings stays at shadow.", "document: no call of it was compared, of 1 that have to")
    assert (await said(moved, "exercise", MODULE)).startswith("Run 1 time: live, read. What was compared:")
    status = await said(moved, "status", MODULE)
    assert f"bookings: shadow, {path}" in status
    assert all(method in status for method in METHODS)
    assert "Nothing is in the way of the next step, rehearse: `crossdock move advance bookings`." in status
    assert (await said(moved, "advance", MODULE, "--reason", "all agree")).startswith(f"bookings: rehearse, {path}")
    assert (await said(moved, "back", MODULE, "--by", "ada")).startswith(f"bookings: shadow, {path}")
    assert (await said(moved, "back", MODULE, "--to", control.value)).startswith(f"bookings: {control}, {path}")
    history = await said(moved, "history", MODULE)
    assert "all agree" in history
    assert "ada" in history
    assert "newest" not in history
    newest = await said(moved, "history", MODULE, "--last", "1")
    assert "all agree" not in newest
    assert newest.endswith("These are the newest 1: `--last` shows more.")


async def test_the_way_for_programs(moved: Database, registry: Registry) -> None:
    """Each command gives the state that it has made, or what it has found."""
    control = registry.modules[MODULE].orm
    started = await given(moved, "start", MODULE, "--by", "ada", "--reason", "a spike")
    assert set(started) >= STATE
    assert (started["stage"], started["sample"], started["changed_by"]) == ("shadow", 10, "ada")
    assert "ada says why: a spike" in await said(moved, "status", MODULE)
    exercised = await given(moved, "exercise", MODULE, "--times", "2")
    assert (exercised["cases"], exercised["times"], exercised["verdicts"].keys()) == (["live", "read"], 2, {"same"})
    assert (await given(moved, "sample", MODULE, "35"))["sample"] == 35
    status = await given(moved, "status", MODULE)
    assert sorted(status["methods"]) == METHODS
    assert (status["obstacles"], status["remarks"]) == ([], [])
    assert (await given(moved, "advance", MODULE))["stage"] == "rehearse"
    assert (await given(moved, "back", MODULE, "--to", control.value))["stage"] == control.value
    history = await given(moved, "history", MODULE)
    assert [each["stage"] for each in history] == [control.value, "rehearse", "shadow", "shadow"]
    assert await given(moved, "mismatches", MODULE) == []
    states = {each["module"]: each for each in await given(moved, "status")}
    assert states.keys() == {"*", *registry.modules}
    assert states[MODULE]["stage"] == control.value


async def test_read_only(moved: Database) -> None:
    """Of one module, and of all, in words and for programs; and writable again."""
    assert await said(moved, "read-only", MODULE) == "bookings: not moving, read-only."
    assert "bookings not moving, read-only" in re.sub(r"\W*[│|]\W*", " ", await said(moved, "status"))
    assert await said(moved, "writable", MODULE) == "bookings: not moving."
    frozen = await given(moved, "read-only", "--all", "--reason", "moving house")
    assert (frozen["module"], frozen["read_only"], frozen["reason"]) == ("*", True, "moving house")
    assert not (await given(moved, "writable", "--all"))["read_only"]


@pytest.mark.parametrize(
    "wrong",
    [
        ("start",),
        ("start", MODULE, "--sample", "101"),
        ("sample", MODULE, "101"),
        ("back", MODULE, "--to", "nowhere"),
        ("read-only",),
        ("writable", MODULE, "--all"),
        ("mismatch", "first"),
        ("mismatches", MODULE, "--last", "0"),
        ("sideways", MODULE),
    ],
)
async def test_wrong_use(moved: Database, wrong: tuple[str, ...]) -> None:
    """Status 2, nothing on stdout, and nothing done."""
    ran = await move(moved, *wrong)
    assert (ran.status, ran.output) == (2, "")
    assert {each["version"] for each in await given(moved, "status")} == {0}


@pytest.mark.parametrize(
    ("refused", "words"),
    [
        (("status", "trucks"), "There is no module trucks: there are accounts, bids, bookings"),
        (("start", "bids"), "bids has no store_sqlalchemy.py: `crossdock schema sync bids` writes its models"),
        (("advance", MODULE), "bookings is not moving: `crossdock move start bookings`."),
        (("back", MODULE), "bookings is not moving: `crossdock move start bookings`."),
        (("sample", MODULE, "5"), "bookings is not moving: `crossdock move start bookings`."),
        (("finish", MODULE), "bookings is not moving: `crossdock move start bookings`."),
        (("exercise", MODULE), "bookings is not moving, so there is nothing to compare: `crossdock move start"),
        (("mismatch", "7"), "There is no mismatch 7: `crossdock move mismatches MODULE` lists those that are kept."),
    ],
)
async def test_refusals(moved: Database, refused: tuple[str, ...], words: str) -> None:
    """Status 1, and one line that says what to do."""
    assert (await move(moved, *refused)).is_one_line(words)


async def test_mismatches(moved: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are listed with where they differ, status 1; one that agrees by now is status 0, and shows both sides."""
    with monkeypatch.context() as defect:
        make_heavier(defect)
        await brought_to(moved, Stage.REHEARSE)
        async with running_moves(moved) as moves:
            await booked(moved, await tenant(moved, "shipper"))
            await moves.settled()
    assert (await move(moved, "mismatches", MODULE)).status == 1
    (found,) = await given(moved, "mismatches", MODULE, status=1)
    assert (found["method"], found["verdict"]) == ("add", "different")
    shown = await said(moved, "mismatch", str(found["number"]))
    assert "bookings.add, different at rehearse" in shown
    assert "control, on tortoise:" in shown
    assert "candidate, on sqlalchemy:" in shown
    assert "On the data of now they say the same." in shown
    kept = shown.partition("They differed when it was found")[2]
    (first, *_) = found["differences"]
    assert all(str(each) in kept for each in (first["path"], first["control"], first["candidate"]))
    again = await given(moved, "mismatch", str(found["number"]))
    assert again["mismatch"]["number"] == found["number"]
    assert again["again"]["differences"] == []
    assert any("INSERT INTO" in statement for statement in again["again"]["candidate"]["statements"])
