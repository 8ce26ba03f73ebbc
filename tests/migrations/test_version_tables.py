"""Version tables that do not say what ran: stamped, faked, edited, dropped, or of a branch that was renumbered since.

Each is told as what it is, with a remedy, and each remedy is followed here to its end.
"""

import re
from pathlib import Path
from typing import Any

import pytest

from crossdock.migrations.history.reading import MigrationsRefused
from tests.migrations.copies import Project
from tests.migrations.scene import Scene


async def refusal(scene: Scene, **options: Any) -> str:
    """Why `up` is refused; the database is as before to the last row."""
    before = await scene.state()
    with pytest.raises(MigrationsRefused) as caught:
        await scene.runner.up(**options)
    assert await scene.state() == before
    return str(caught.value)


@pytest.mark.parametrize("edit", ["DELETE FROM aerich WHERE version LIKE '1\\_%'", "DROP TABLE alembic_version"])
async def test_one_command_takes_an_edit_back(scene: Scene, edit: str) -> None:
    """`crossdock migrate mend`, which the refusal names. All edits are tried in tests/faults."""
    versions = await scene.versions()
    await scene.sql(edit)
    assert "`crossdock migrate mend`" in await refusal(scene)
    await scene.runner.mend()
    assert await scene.versions() == versions
    assert await scene.is_current()


async def test_where_nothing_is_wrong_nothing_is_mended(scene: Scene) -> None:
    """The command says so, and there is not a row more in the journal."""
    before = await scene.state()
    ran = await scene.migrate("mend")
    assert (ran.status, "as the tools and the runner left them" in ran.errors) == (0, True)
    assert await scene.state() == before


STAMPS = {
    "alembic stamp back": (
        ("alembic", "stamp", "{second}"),
        "alembic_version went from {third} to {second} by `alembic stamp`",
        "--accept alembic:{second}`",
    ),
    "alembic stamp with purge": (
        ("alembic", "stamp", "--purge", "{second}"),
        "alembic_version went from {third} to {second} by `alembic stamp`",
        "--accept alembic:{second}`",
    ),
    "alembic stamp to nothing": (
        ("alembic", "stamp", "base"),
        "alembic_version no longer has {third} by `alembic stamp`",
        "--accept alembic:{third}`",
    ),
    "aerich downgrade --fake": (
        ("aerich", "downgrade", "--fake", "--yes"),
        "aerich no longer has {legacy} by `aerich --fake`",
        "--accept aerich:",
    ),
}


@pytest.mark.parametrize("case", STAMPS)
async def test_what_was_written_and_not_run_backwards(scene: Scene, case: str) -> None:
    """It is in the journal as what it is, `up` names it as the cause before anything can fail, and `mend` undoes it."""
    second = scene.project.add_alembic("CREATE TABLE two (id int);", "DROP TABLE two;").name[:4]
    third = scene.project.add_alembic("CREATE TABLE three (id int);", "DROP TABLE three;").name[:4]
    legacy = scene.project.add_aerich("CREATE TABLE one (id int)", "DROP TABLE one").name  # which none of ours needs
    names = {"second": second, "third": third, "legacy": legacy}
    await scene.runner.up()
    command, *words = STAMPS[case]
    versions = await scene.versions()
    ran = await scene.project.tool(*(part.format(**names) for part in command), settings=scene.settings)
    assert ran.status == 0, ran
    assert await scene.versions() != versions
    (detail,) = await scene.sql("SELECT detail FROM crossdock_journal WHERE event = 'version' ORDER BY id DESC LIMIT 1")
    assert detail[0] == ("aerich --fake" if command[0] == "aerich" else "alembic stamp")
    said = await refusal(scene)
    words.append(f"{scene.settings.direct.user} did it at")
    assert [word for word in words if word.format(**names) not in said] == []
    await scene.runner.mend()
    assert await scene.versions() == versions
    assert await scene.is_current()


@pytest.mark.parametrize("chain", ["aerich", "alembic"])
async def test_what_was_written_and_not_run_forwards(scene: Scene, chain: str) -> None:
    """Either answer leads on: the row is taken out and the revision runs; or, done by hand, it counts."""
    add = scene.project.add_aerich if chain == "aerich" else scene.project.add_alembic
    fake = ("aerich", "upgrade", "--fake") if chain == "aerich" else ("alembic", "stamp", "head")
    for number, answer in enumerate(("mend", "accept")):
        path = add(f"CREATE TABLE more{number} (id int);", f"DROP TABLE more{number};")
        ran = await scene.project.tool(*fake, settings=scene.settings)
        assert ran.status == 0, ran
        said = await refusal(scene)
        assert "which runs nothing: no statement was run or undone for it" in said
        key = f"{chain}:{path.name.partition('_')[0]}"
        assert f"--accept {key}`" in said
        if answer == "mend":
            await scene.runner.mend()
            await scene.runner.up()
        else:
            await scene.sql(f"CREATE TABLE more{number} (id int)")
            await scene.runner.up(accept=[key])
        assert (await scene.sql(f"SELECT to_regclass('more{number}')::text"))[0][0] == f"more{number}"
        assert await scene.is_current()


@pytest.mark.parametrize("how", ["TRUNCATE crossdock_journal", "DROP TABLE crossdock_journal"])
async def test_a_journal_that_was_lost(scene: Scene, how: str) -> None:
    """It is not taken for a database from before there was one, nor mended by what nobody knows; vouched for, it begins
    anew."""
    versions = await scene.versions()
    await scene.sql(how)
    with pytest.raises(MigrationsRefused, match="has no word of what aerich should have"):
        await scene.runner.mend()
    assert await scene.versions() == versions
    said = await refusal(scene)
    assert "crossdock_journal has no word of what aerich has" in said
    assert "emptied, dropped, or left out of a backup" in said
    accept = re.findall(r"--accept (\S+?)`", said)
    assert len(accept) == 3  # of each chain
    await scene.runner.up(accept=accept)
    assert await scene.is_current()


def renumber(project: Project, chain: str, path: Path, number: int) -> Path:
    """As somebody does after a merge: aerich's by the name, alembic's by its ids as well."""
    _, _, rest = path.name.partition("_")
    new = str(number) if chain == "aerich" else f"{number:04}"
    text = path.read_text()
    if chain == "alembic":
        text = re.sub(r'^revision = ".*"$', f'revision = "{new}"', text, flags=re.MULTILINE)
        text = re.sub(r'^down_revision = ".*"$', f'down_revision = "{number - 1:04}"', text, flags=re.MULTILINE)
    path.unlink()
    renamed = path.with_name(f"{new}_{rest}")
    renamed.write_text(text)
    return renamed


async def merged(scene: Scene, chain: str, *, by_tool: bool = False) -> list[str]:
    """Two revisions of a branch run on the database; then one of main comes before them. Returns the keys of the two as
    they are called now."""
    add = scene.project.add_aerich if chain == "aerich" else scene.project.add_alembic
    first = len(scene.project.files(chain)) + (chain == "alembic")
    mine = []
    for number in range(2):
        path = add(f"CREATE TABLE mine{number} (id int);", f"DROP TABLE mine{number};")
        mine.append(path.rename(path.with_name(path.name.replace("more", f"mine{number}"))))
    if by_tool:
        command = ("aerich", "upgrade") if chain == "aerich" else ("alembic", "upgrade", "head")
        assert (await scene.project.tool(*command, settings=scene.settings)).status == 0
    await scene.runner.up()
    await scene.sql("INSERT INTO mine0 VALUES (7)")
    aside = [path.rename(path.with_suffix(".aside")) for path in mine]
    theirs = add("CREATE TABLE theirs (id int);", "DROP TABLE theirs;")
    theirs.rename(theirs.with_name(theirs.name.replace("more", "theirs")))
    back = [path.rename(path.with_suffix(".py")) for path in aside]
    for place in (1, 0):
        renumber(scene.project, chain, back[place], first + 1 + place)
    return [f"{chain}:{first + 1 + place if chain == 'aerich' else f'{first + 1 + place:04}'}" for place in range(2)]


def accepted(message: str) -> list[str]:
    """The command that a message names, as arguments."""
    found = re.search(r"`crossdock migrate (up(?: --accept \S+)+)`", " ".join(message.split()))
    assert found is not None, message
    return found[1].split()


async def lead_on(scene: Scene, chain: str, *, by_tool: bool) -> None:
    """From the refusal by the command that it names to the head, and from there down and up again."""
    keys = await merged(scene, chain, by_tool=by_tool)
    said = await refusal(scene)
    assert "was renumbered after it ran on this database" in said
    command = accepted(said)
    assert command == ["up", "--accept", keys[0], "--accept", keys[1]]
    await scene.runner.up(accept=keys)
    assert [row[0] for row in await scene.sql("SELECT id FROM mine0")] == [7]
    assert (await scene.sql("SELECT to_regclass('theirs')::text"))[0][0] == "theirs"
    assert await scene.is_current()
    assert (await scene.versions())["aerich"] == [path.name for path in scene.project.files("aerich")]
    await scene.runner.down(target="aerich:5")
    await scene.runner.up()
    assert await scene.is_current()


@pytest.mark.parametrize("chain", ["aerich", "alembic"])
async def test_a_branch_that_was_renumbered(scene: Scene, chain: str) -> None:
    """It is told as that, and the command that is named runs what main brought, keeps the rows of what ran before, and
    ends at the head."""
    await lead_on(scene, chain, by_tool=False)
