"""`crossdock schema diagram`: on stdout or in a file, in either language, without a database."""

from pathlib import Path

import pytest

from tests.acceptance.process import crossdock

PICTURE = Path(__file__).parents[2] / "docs" / "tables.svg"
NO_DATABASE = {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nowhere", "DIRECT_URL": None}


async def test_it_asks_no_database() -> None:
    """Mermaid is what it prints where nothing else is said."""
    ran = await crossdock("schema", "diagram", **NO_DATABASE)
    assert (ran.status, ran.errors) == (0, "")
    assert ran.output.startswith("erDiagram\n")


async def test_another_process_draws_the_same(tmp_path: Path) -> None:
    """To the byte: the picture of the docs was made by one, on another day. The name of the file says the language."""
    file = tmp_path / "tables.svg"
    ran = await crossdock("schema", "diagram", "--keys", "--output", str(file))
    assert (ran.status, ran.output) == (0, f"Written: {file}\n")
    assert file.read_bytes() == PICTURE.read_bytes()
    assert (await crossdock("schema", "diagram", "--keys", "--format", "svg")).output == PICTURE.read_text()


async def test_one_module_as_json(tmp_path: Path) -> None:
    """The structure, also beside a file."""
    file = tmp_path / "bids.mmd"
    ran = await crossdock("schema", "diagram", "bids", "--json", "--output", str(file))
    assert [module["name"] for module in ran.json["modules"]] == ["bids", "bookings", "companies"]
    assert file.read_text().startswith("erDiagram\n")


@pytest.mark.parametrize("wrong", [("bidz",), ("--format", "png")])
async def test_wrong_use(wrong: tuple[str, ...]) -> None:
    """Status 2, nothing on stdout, and what would be right."""
    ran = await crossdock("schema", "diagram", *wrong)
    assert (ran.status, ran.output) == (2, "")
    assert "bids" in ran.errors or "mermaid" in ran.errors


async def test_a_file_that_cannot_be_written(tmp_path: Path) -> None:
    """In one line, with status 1."""
    ran = await crossdock("schema", "diagram", "--output", str(tmp_path / "nowhere" / "tables.svg"))
    assert ran.is_one_line("nowhere/tables.svg cannot be written: No such file or directory", "folder that is there")
