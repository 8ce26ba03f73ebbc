"""docs/moving-a-module.md, walked from its top to its bottom: forward, and back from each stage. The repository has the
module at the end of that page, so the walk takes it back to the beginning first."""

from dataclasses import replace
from pathlib import Path

import pytest

from crossdock.config.settings import Settings
from crossdock.migrations.authoring.manifest_edit import with_migrated_by
from tests.cutover.walked import Edit, Shown, edit_of, fits, plain, printed, steps, variables
from tests.migrations.project import Project

pytestmark = pytest.mark.longest

PAGE = Path(__file__).parents[2] / "docs" / "moving-a-module.md"
MANIFEST = "src/freight/modules/bookings/module.py"


@pytest.fixture
async def project(tmp_path: Path, apart: Settings) -> Project:
    """A copy of the project, on a database that is migrated, with the module at the beginning of the page and with what
    the page exports."""
    copy = replace(Project.copied(tmp_path, apart), variables=variables(PAGE))
    for command in (["handover", "bookings", "booking_history", "--to", "aerich"], ["up"]):
        ran = await copy.crossdock("migrate", *command)
        assert ran.status == 0, ran
    moved = copy.path(MANIFEST).read_text(encoding="utf-8")
    begun = with_migrated_by(moved.replace("orm=Orm.SQLALCHEMY", "orm=Orm.TORTOISE"), {})
    copy.path(MANIFEST).write_text(begun, encoding="utf-8")
    return copy


async def test_the_page_is_what_happens(project: Project) -> None:
    """Each command prints what stands below it, times and widths aside, and each change of a file can be made."""
    walked = list(steps(PAGE))
    assert sum(isinstance(step, Shown) for step in walked) > 20
    for step in walked:
        if isinstance(step, Edit):
            project.edit(step.file, step.old, step.new)
        else:
            output = await printed(project, step)
            assert fits(step.output, output), (step.commands, plain(step.output), plain(output))


def test_a_page_that_is_wrong_is_found_out() -> None:
    """Other words and other numbers do not fit; other times, widths and revisions do, and anything where dots stand."""
    assert fits("since 2026-11-27 02:00:01.\n ──── \n 1.25  x", "since 2026-01-01 00:00:00. ── 0.31 x")
    assert fits("a\n...\nz", "a\nb\nz") and not fits("a\n...\nz", "a\nb\ny")
    assert not fits("a: 10 agreed", "a: 11 agreed")
    assert edit_of("--- a/b.py\n-one\n+two\n+three\n") == Edit("a/b.py", "one\n", "two\nthree\n")
