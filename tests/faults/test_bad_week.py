"""A bad week of operations: what somebody does to a database beside the tools is told as what it is, and the remedy
that is told, followed to the letter, ends at a database that is right."""

import re
from collections.abc import Sequence

import pytest

from crossdock.cli.diagnosis import Check, State, examine
from crossdock.migrations.history.reading import MigrationsRefused
from crossdock.migrations.run.failure import StepFailed
from crossdock.registry import Registry
from crossdock.schema.drift import Difference, check
from tests.migrations.scene import Scene
from tests.world import database_name

pytestmark = pytest.mark.longest

SQL = re.compile(r"(?:ALTER|CREATE|DROP|GRANT|REVOKE) [^`]+;")


async def follow(scene: Scene, differences: Sequence[Difference]) -> None:
    """Runs the SQL of every line, as a superuser would who copies it."""
    connection = await scene.server.connect(scene.settings.direct.database)
    try:
        for each in differences:
            found = SQL.search(each.advice)
            assert found, each.line
            for statement in filter(None, found[0].split(";")):
                await connection.execute(statement)
    finally:
        await connection.close()


async def failed(scene: Scene) -> dict[str, Check]:
    return {each.name: each for each in await examine(scene.settings) if each.state is not State.OK}


async def differences(scene: Scene, registry: Registry) -> list[Difference]:
    return await check(scene.settings.direct, registry, scene.settings.pooled.user)


RENAMED = {
    "a table": (
        "ALTER TABLE teams RENAME TO teams_old",
        "teams, table",
        "It is called teams_old: ALTER TABLE teams_old RENAME TO teams;",
    ),
    "a table in the attic": (
        "CREATE SCHEMA attic; ALTER TABLE teams SET SCHEMA attic",
        "teams, table",
        "It is in another schema: ALTER TABLE attic.teams SET SCHEMA public;",
    ),
    "a column": (
        "ALTER TABLE teams RENAME COLUMN name TO title",
        "teams.name",
        "The column title has the same type and no model: where it has the values,"
        " ALTER TABLE teams RENAME COLUMN title TO name;",
    ),
}


@pytest.mark.parametrize("what", RENAMED)
async def test_something_renamed_by_hand(scene: Scene, registry: Registry, what: str) -> None:
    """It is one line, which gives it its name back: to drop it and make it anew would lose its rows."""
    change, subject, advice = RENAMED[what]
    await scene.sql(f"{change};")
    found = await differences(scene, registry)
    assert [(each.subject, each.advice) for each in found] == [(subject, advice)]
    await follow(scene, found)
    assert await differences(scene, registry) == []


async def test_a_dump_restored_without_roles(scene: Scene, registry: Registry) -> None:
    """Its policies and grants failed, and everything belongs to who restored it: doctor says so, each line is followed,
    and the service's database is whole again, for the migrations too."""
    superuser, owner = scene.server.superuser.user, scene.settings.direct.user
    await scene.sql(
        "DO $$ DECLARE each record; BEGIN"
        " FOR each IN SELECT policyname, tablename FROM pg_policies WHERE schemaname = 'public' LOOP"
        "   EXECUTE format('DROP POLICY %I ON %I', each.policyname, each.tablename); END LOOP;"
        " FOR each IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP"
        f"   EXECUTE format('REVOKE ALL ON %I FROM crossdock_app, crossdock_platform', each.tablename);"
        f"   EXECUTE format('ALTER TABLE %I OWNER TO {superuser}', each.tablename); END LOOP; END $$;"
    )
    assert "What was migrated cannot be read" in (await failed(scene))["migrations"].message
    with pytest.raises(MigrationsRefused) as caught:
        await scene.runner.up()
    for statement in re.findall(r"ALTER TABLE \w+ OWNER TO \w+", str(caught.value)):
        await scene.sql(statement + ";")
    assert {"owners", "row level security"} <= set(await failed(scene))
    for _ in range(2):  # policies and grants; then what is left
        await follow(scene, await differences(scene, registry))
    assert await differences(scene, registry) == []
    assert await failed(scene) == {}
    assert (await scene.sql("SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'"))[0][0] == owner
    await scene.runner.up()


async def test_a_backup_restored_over_what_was_there(scene: Scene) -> None:
    """The version tables are of another time than the tables: the failure says that, and names what tells more."""
    scene.project.add_aerich("CREATE TABLE later (id int);", "DROP TABLE later;")
    await scene.sql("CREATE TABLE later (id int);")
    with pytest.raises(StepFailed, match="already exists") as caught:
        await scene.runner.up()
    assert "`crossdock schema check` tells what differs" in str(caught.value)
    await scene.sql("DROP TABLE later;")
    await scene.runner.up()
    assert await scene.is_current()


async def test_a_stamp_that_somebody_vouched_for(scene: Scene) -> None:
    """It was not true, and what fails for it says who said so."""
    head = scene.project.files("alembic")[-1].name[:4]
    more = scene.project.add_alembic("CREATE TABLE more (id int);", "DROP TABLE more;").name[:4]
    await scene.runner.up()
    assert (await scene.project.tool("alembic", "stamp", head, settings=scene.settings)).status == 0
    with pytest.raises(StepFailed, match="already exists") as caught:
        await scene.runner.up(accept=[f"alembic:{head}"])
    said = f"{scene.settings.direct.user} vouched at .* UTC that alembic_version has {head}, and no longer {more}"
    assert re.search(said, str(caught.value))


async def test_a_database_under_a_new_name(scene: Scene, registry: Registry) -> None:
    """A copy is as good as the first: the journal, the heads and the rights come along."""
    name = database_name("renamed")
    copy = await scene.server.copy(name, scene.settings.direct.database)
    there = Scene(scene.server, copy, scene.project)
    try:
        assert await differences(there, registry) == []
        assert await failed(there) == {}
        await there.runner.up()
        assert await there.is_current()
    finally:
        await scene.server.drop(name)


async def test_an_owner_that_was_changed(scene: Scene, registry: Registry) -> None:
    """One table of another's: told by its name, though it can be read and written as before."""
    await scene.sql(f"ALTER TABLE bids OWNER TO {scene.settings.pooled.user};")
    (line,) = [each for each in await differences(scene, registry) if each.kind == "isolation"]
    assert line.advice == f"ALTER TABLE public.bids OWNER TO {scene.settings.direct.user};"
    await follow(scene, [line])
    await follow(scene, await differences(scene, registry))
    assert await differences(scene, registry) == []
