"""`crossdock schema sync` of the marketplace, one module after the other."""

from pathlib import Path

from crossdock.config.settings import Settings
from tests.migrations.copies import copied
from tests.schema.test_sync import tidy
from tests.world import Server, database_name


async def test_modules_of_the_marketplace(tmp_path: Path, server: Server, template: str) -> None:
    """Unique indexes with a condition, keys within a module and to others', stubs in models of other modules."""
    name = database_name("schema_sync")
    settings, project = await server.copy(name, template), copied(tmp_path / "copy")
    for module in ("companies", "shipments"):
        ran = await project.crossdock("schema", "sync", module, settings=settings)
        assert ran.status == 0, ran
        made = project.root / "src" / "freight" / "modules" / module / "models_sqlalchemy.py"
        assert tidy(made, "freight", "crossdock") == []
    ran = await project.crossdock("schema", "sync", "ledger", settings=settings)
    assert ran.status == 0, ran
    assert tidy(project.root / "src/freight/modules/ledger/models_tortoise.py", "freight", "crossdock") == []
    checked = await project.crossdock("schema", "check", settings=settings)
    assert (checked.status, checked.output.strip()) == (0, "Models and database agree.")
    await server.drop(name)


async def test_the_way_back_of_models_that_others_relate_to(tmp_path: Path, current: Settings) -> None:
    """Tortoise's models of bookings are out of date, and those of bids and shipments need them: they are made anew."""
    project = copied(tmp_path / "copy")
    old = project.root / "src/freight/modules/bookings/models_tortoise.py"
    text = old.read_text("utf-8")
    old.write_text(
        text.replace("currency = fields.CharField(max_length=3)", "currency = fields.CharField(max_length=4)")
    )
    stale = await project.crossdock("schema", "check", settings=current)
    assert stale.status == 1 and "currency" in stale.output
    ran = await project.crossdock("schema", "sync", "bookings", "--to", "tortoise", "--force", settings=current)
    assert ran.status == 0, ran
    assert "currency = fields.CharField(max_length=3)" in old.read_text("utf-8")
    checked = await project.crossdock("schema", "check", settings=current)
    assert (checked.status, checked.output.strip()) == (0, "Models and database agree.")
