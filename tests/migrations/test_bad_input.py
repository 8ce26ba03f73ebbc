"""Bad input of the migrations: each has a message of its own, and nothing is run.

The command itself, its one line and its exit status, is tried for one of a kind.
"""

import re
from pathlib import Path

import pytest

from crossdock.migrations.history.reading import MigrationsRefused
from tests.migrations.scene import Scene

EDITS = {
    "legacy row deleted": (
        "DELETE FROM aerich WHERE version LIKE '1\\_%'",
        ["aerich does not have 1_", "edited by hand", "did it at", "with psql", "Put"],
    ),
    "legacy last row deleted": (
        "DELETE FROM aerich WHERE id = (SELECT max(id) FROM aerich)",
        ["aerich does not have", "edited by hand", "Put that row back", "--accept aerich:"],
    ),
    "legacy row inserted": (
        "INSERT INTO aerich (version, app, content) VALUES ('77_surplus.py', 'legacy', '{}')",
        ["aerich names 77_surplus.py, which no release has", "with psql", "Take that row out again"],
    ),
    "legacy row changed": (
        "UPDATE aerich SET version = '1_renamed.py' WHERE version LIKE '1\\_%'",
        ["aerich names 1_renamed.py, which no release has", "with psql"],
    ),
    "legacy row doubled": (
        "INSERT INTO aerich (version, app, content) SELECT version, app, content FROM aerich WHERE id = 2",
        ["aerich has 1_", "2 times", "Leave one row"],
    ),
    "legacy emptied": ("DELETE FROM aerich", ["aerich does not have 0_", "edited by hand", "with psql"]),
    "legacy truncated": ("TRUNCATE aerich", ["aerich does not have 0_", "edited by hand"]),
    "new row deleted": (
        "DELETE FROM alembic_version",
        ["alembic_version does not have", "edited by hand", "with psql"],
    ),
    "new row inserted": (
        "INSERT INTO alembic_version VALUES ('0002')",
        ["alembic_version has 2 rows", "the chain has one head"],
    ),
    "new row changed": (
        "UPDATE alembic_version SET version_num = '0001'",
        ["alembic_version has 0001", "edited by hand", "with psql"],
    ),
    "new row to nowhere": (
        "UPDATE alembic_version SET version_num = 'abcd'",
        ["alembic_version names abcd, which no release has", "Set it back: UPDATE alembic_version SET version_num ="],
    ),
    "new truncated": ("TRUNCATE alembic_version", ["alembic_version does not have", "edited by hand"]),
}


@pytest.mark.parametrize("case", EDITS)
async def test_a_version_table_edited_by_hand(scene_of_three: Scene, case: str) -> None:
    """It is told which row, who did it and with what; put right again by hand, everything is fine again."""
    scene = scene_of_three
    edit, words = EDITS[case]
    aerich = await scene.sql("SELECT id, version, app, content::text FROM aerich")
    alembic = await scene.sql("SELECT version_num FROM alembic_version")
    await scene.sql(edit)
    await scene.refused(*words)
    for command in (scene.runner.plan, scene.runner.down):
        with pytest.raises(MigrationsRefused, match=re.escape(words[0])):
            await command()
    await scene.sql("DELETE FROM aerich; DELETE FROM alembic_version;")
    for row in aerich:
        await scene.sql("INSERT INTO aerich (id, version, app, content) VALUES ($1, $2, $3, $4)", *row)
    await scene.sql("INSERT INTO alembic_version VALUES ($1)", alembic[0][0])
    await scene.runner.up()
    assert await scene.is_current()


async def test_an_edit_that_somebody_vouches_for(scene_of_three: Scene) -> None:
    """`--accept` takes the version table's word: the row that was taken out counts as not applied, and is run again."""
    scene = scene_of_three
    name = scene.project.files("aerich")[-1].name
    key = f"aerich:{name.partition('_')[0]}"
    await scene.sql(f"DROP TABLE l1; DELETE FROM aerich WHERE version = '{name}';")
    await scene.told(f"aerich does not have {name}", f"--accept {key}")
    assert (await scene.migrate("up", "--accept", key)).status == 0
    assert (await scene.sql("SELECT to_regclass('l1')::text"))[0][0] == "l1"
    assert await scene.is_current()
    await scene.runner.up()


async def test_a_row_that_somebody_vouches_for(scene: Scene) -> None:
    """The other way: what was done by hand counts as applied, in either chain, and is undone as if it had been run."""
    legacy = scene.project.add_aerich("CREATE TABLE made (id int)", "DROP TABLE made")
    scene.project.add_alembic("CREATE TABLE made_too (id int)", "DROP TABLE made_too")
    name = scene.project.files("alembic")[-1].name.partition("_")[0]
    await scene.sql(
        "CREATE TABLE made (id int); CREATE TABLE made_too (id int);"
        f"UPDATE alembic_version SET version_num = '{name}';"
        f"INSERT INTO aerich (version, app, content) VALUES ('{legacy.name}', 'legacy', '{{}}');"
        f"ALTER TABLE made OWNER TO {scene.settings.direct.user};"
        f"ALTER TABLE made_too OWNER TO {scene.settings.direct.user};"
    )
    number = legacy.name.partition("_")[0]
    await scene.refused(f"--accept aerich:{number}", f"--accept alembic:{name}")
    await scene.runner.up(accept=[f"aerich:{number}", f"alembic:{name}"])
    assert await scene.is_current()
    await scene.runner.down(target="aerich:1")
    assert (await scene.sql("SELECT to_regclass('made')::text"))[0][0] is None


@pytest.mark.parametrize("chain", ["aerich", "alembic"])
@pytest.mark.parametrize("which", [0, 1, -1])
async def test_a_missing_file(scene_of_three: Scene, chain: str, which: int) -> None:
    """The first, one in the middle, the last: it is named, or what follows it is; with the file back it is fine."""
    scene = scene_of_three
    path = scene.project.files(chain)[which]
    content = path.read_text()
    path.unlink()
    expected = {"aerich": f"no file {which}_*.py", "alembic": "no file of the alembic chain leads there"}[chain]
    await scene.refused("newer release" if which == -1 else expected)
    path.write_text(content)
    await scene.runner.up()


@pytest.mark.parametrize("chain", ["aerich", "alembic"])
async def test_a_file_that_was_changed_after_it_ran(scene: Scene, chain: str) -> None:
    """Its name and when it ran; `--accept` after a look, and it stays accepted; words alone change nothing."""
    path = scene.project.files(chain)[0]
    content = path.read_text()
    path.write_text(content + "\nMORE = 1\n")
    await scene.refused(f"{path.name} was changed after it ran", "git restore", "--accept")
    path.write_bytes(("# A word.\n" + content).replace("\n", "\r\n").encode())  # words and line ends change nothing
    await scene.runner.up()
    path.write_text(content + "\nMORE = 1\n")
    number = path.name.partition("_")[0]
    await scene.runner.up(accept=[f"{chain}:{number}"])
    await scene.runner.up()
    path.write_text(content)
    await scene.refused("was changed after it ran")


async def test_a_revision_that_is_vouched_for_must_be_there(scene: Scene) -> None:
    """A mistyped name is an error that lists those that there are."""
    await scene.told(
        "aerich:99 is no revision of this release", "alembic:0001", arguments=("up", "--accept", "aerich:99")
    )
    await scene.refused("aerich:99 is no revision of this release", target="aerich:99")


@pytest.mark.parametrize("table", ["aerich", "alembic_version", "crossdock_version", "crossdock_journal"])
async def test_permission_denied(scene: Scene, table: str) -> None:
    """Without the right to read a version table it is never taken for empty; without that to write, nothing begins."""
    scene.project.add_aerich("CREATE TABLE more (id int)", "DROP TABLE more")
    owner = scene.settings.direct.user
    await scene.sql(f"ALTER TABLE {table} OWNER TO postgres; REVOKE ALL ON {table} FROM {owner};")
    await scene.refused(f"permission denied for table {table}", f"user {owner} of DIRECT_URL", "OWNER TO")
    await scene.sql(f"GRANT SELECT ON {table} TO {owner}")
    await scene.refused(f"user {owner} of DIRECT_URL may not write {table}", "OWNER TO")
    await scene.sql(f"ALTER TABLE {table} OWNER TO {owner}")
    await scene.runner.up()


async def test_a_database_of_a_newer_release(scene: Scene, tmp_path: Path) -> None:
    """It is told which revisions this release does not know, in either chain, and that the newer one goes back."""
    older = [path.name for path in scene.project.files("aerich")]
    legacy = scene.project.add_aerich("CREATE TABLE later (id int)", "DROP TABLE later")
    new = scene.project.add_alembic("CREATE TABLE later_too (id int)", "DROP TABLE later_too")
    await scene.runner.up()
    legacy.unlink()
    new.unlink()
    await scene.refused(
        "of a newer release", legacy.name, f"this release ends at {older[-1]}", "Deploy the newer release"
    )
    status = await scene.migrate("status", "--json")
    assert status.status == 1
    assert [chain["unknown"] for chain in status.json["chains"]] == [[legacy.name], [new.name.partition("_")[0]], []]


async def test_two_files_with_one_number(scene: Scene) -> None:
    """aerich would take one of them at random; both are named."""
    path = scene.project.add_aerich("SELECT 1", "SELECT 1")
    number = path.name.partition("_")[0]
    path.with_name(f"{number}_20270101000001_twin.py").write_text(path.read_text())
    await scene.refused(f"begin with {number}_", path.name, "_twin.py")


async def test_two_heads(scene: Scene) -> None:
    """Both are named, and what to do."""
    path = scene.project.add_alembic("SELECT 1", "SELECT 1")
    twin = path.read_text().replace(f'revision = "{path.name[:4]}"', 'revision = "ffff"', 1)
    path.with_name("ffff_twin.py").write_text(twin)
    await scene.told("The alembic chain forks", path.name, "ffff_twin.py", "down_revision")


async def test_one_name_twice(scene: Scene) -> None:
    """Two files of alembic's with one revision id, though each follows another."""
    path, later = (scene.project.add_alembic("SELECT 1", "SELECT 1") for _ in range(2))
    twin = (
        later.read_text()
        .replace(later.name[:4], "x")
        .replace(path.name[:4], later.name[:4])
        .replace('"x"', f'"{path.name[:4]}"')
    )
    path.with_name("twin.py").write_text(twin)
    await scene.refused("Two files of the alembic chain are revision", path.name, "twin.py")


async def test_a_circle_of_needs(scene: Scene) -> None:
    """Every revision of the circle is named."""
    legacy, new = len(scene.project.files("aerich")), len(scene.project.files("alembic")) + 1
    scene.project.add_aerich("SELECT 1", "SELECT 1", needs=(f"alembic:{new:04}",))
    scene.project.add_alembic("SELECT 1", "SELECT 1", needs=(f"aerich:{legacy}",))
    await scene.refused("wait for each other", f"aerich:{legacy}_", f"alembic:{new:04}", "Take one `NEEDS` out")


@pytest.mark.parametrize("needs", ["aerich:99", "1", "old:1", "aerich:"])
async def test_needs_of_nothing(scene: Scene, needs: str) -> None:
    """The revision and what it asks for."""
    scene.project.add_alembic("SELECT 1", "SELECT 1", needs=(needs,))
    await scene.refused(f"needs {needs}, which is no revision", "NEEDS")


WHOLE = 'revision = "{0}"\ndown_revision = "{1}"\ndef upgrade():\n    pass\n'
BROKEN_FILES = {
    "no Python": ("def upgrade(:\n", "is no Python"),
    "no revision": ("def upgrade():\n    pass\n", "has no `revision`"),
    "no text": ("\0", "is no Python"),
    "needs of another kind": (f"NEEDS = 'aerich:1'\n{WHOLE}def downgrade():\n    pass\n", "NEEDS of"),
    "no direction": (WHOLE, "has no downgrade()"),
    "an import that fails": (f"import nowhere\n{WHOLE}def downgrade():\n    pass\n", "No module named 'nowhere'"),
}


@pytest.mark.parametrize("case", BROKEN_FILES)
async def test_a_file_that_is_no_revision(scene: Scene, case: str) -> None:
    """It is named before anything is run, and so is what is wrong with it."""
    last = scene.project.files("alembic")[-1].name.partition("_")[0]
    scene.project.add_aerich("CREATE TABLE more (id int)", "DROP TABLE more")
    path = scene.project.add_alembic("SELECT 1", "SELECT 1")
    content, word = BROKEN_FILES[case]
    path.write_text(content.format(path.name[:4], last) if "{0}" in content else content)
    await scene.refused(path.name, word)


async def test_a_legacy_file_without_a_way_back(scene: Scene) -> None:
    """Said before anything is run, not at night when it is to be undone."""
    path = scene.project.add_aerich("SELECT 1", "SELECT 1")
    path.write_text(re.sub(r"async def downgrade.*", "", path.read_text(), flags=re.DOTALL))
    await scene.refused(f"{path.name} has no downgrade()")
