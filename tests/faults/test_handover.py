"""`crossdock migrate handover`, all the way: to the other tool and back, from zero, and down again."""

from tests.migrations.catalogue import look
from tests.migrations.project import Project
from tests.migrations.test_handover import MODULE, do, project
from tests.world import Server, database_name

__all__ = ["project"]

MANIFEST = f"src/freight/modules/{MODULE}/module.py"


async def test_there_and_back(project: Project, server: Server) -> None:
    """Each way: two revisions and a manifest are written, nothing in the database changes, both tools are content; a
    database made from zero is the same; and down takes the state back as well."""
    database = project.settings.direct.database
    before, manifest = await look(server, database), project.path(MANIFEST).read_text(encoding="utf-8")
    for to in ("alembic", "aerich"):
        files = project.files()
        await do(project, "handover", MODULE, "--to", to)
        assert len(project.files()) == len(files) + 2
        plan = (await project.crossdock("migrate", "plan", "--json")).json["steps"]
        taker = [step["revision"].partition(":")[0] for step in plan]
        assert taker == (["aerich", "alembic"] if to == "alembic" else ["alembic", "aerich"])
        assert [step["statements"] for step in plan] == [[], []]
        for command in ("up", "check"):
            await do(project, command)
        assert await look(server, database) == before
        listed = (await project.crossdock("modules", MODULE, "--json")).json
        assert "alembic" in str(listed) if to == "alembic" else "alembic" not in str(listed)
    assert project.path(MANIFEST).read_text(encoding="utf-8") == manifest
    await from_zero_is_the_same(project, server)
    await do(project, "down", "alembic:0001", "--yes")
    await do(project, "up")
    await do(project, "check")
    assert await look(server, database) == before


async def from_zero_is_the_same(project: Project, server: Server) -> None:
    name = database_name("handover_zero")
    admin = await server.connect("postgres")
    await admin.execute(f'CREATE DATABASE "{name}" OWNER "{server.owner.user}"')
    await admin.close()
    fresh = Project(project.folder, server.settings(name))
    for command in ("up", "check"):
        await do(fresh, command)
    assert await look(server, name) == await look(server, project.settings.direct.database)
    for tool in (("aerich", "upgrade"), ("alembic", "upgrade", "head"), ("alembic", "check")):
        result = await fresh.tool(*tool)
        assert result.status == 0, result.errors + result.out
    await server.drop(name)
