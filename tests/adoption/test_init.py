"""`crossdock init` in projects of several kinds: what it writes, what it leaves alone, and what it cannot decide."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from crossdock.adoption.tortoise import CONFIG
from tests.adoption.samples import AERICH, ENV, INI, MODELS, OLD, PROJECT, REVISION, Shop, both, sqlalchemy, tortoise

BY_HAND = "from crossdock.migrations.tools.alembic_env import run_by_hand\n\nrun_by_hand()\n"
SPLIT = {
    "shop/models/__init__.py": """
        from shop.models.authors import Author, Tag
        from shop.models.books import Book
        from shop.models.deals import Deal
    """,
    "shop/models/authors.py": """
        from tortoise import Model, fields


        class Tag(Model):
            word = fields.CharField(max_length=30)


        class Author(Model):
            deals = fields.ManyToManyField("models.Book", related_name="authors", through="deal")
    """,
    "shop/models/books.py": """
        from tortoise import Model, fields


        class Book(Model):
            tags = fields.ManyToManyField("models.Tag", related_name="books")
    """,
    "shop/models/deals.py": """
        from tortoise import Model, fields


        class Deal(Model):
            author = fields.ForeignKeyField("models.Author", related_name="of_books")
            book = fields.ForeignKeyField("models.Book", related_name="with_authors")
    """,
}
"""A package of models. `tags` makes a table, and `deals` uses one that has a model."""


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


async def told(shop: Shop, *arguments: str) -> dict[str, Any]:
    ran = await shop.crossdock("init", "--json", *arguments)
    assert ran.status == 0, ran
    found: dict[str, Any] = ran.json
    return found


def table(shop: Shop) -> dict[str, Any]:
    found: dict[str, Any] = tomllib.loads((shop.root / "pyproject.toml").read_text())["tool"]["crossdock"]
    return found


async def test_tortoise_and_aerich(shop: Shop) -> None:
    """Its app and folder are taken as they are; tables without a name of their own are found too."""
    shop.write(tortoise())
    await shop.begin_aerich()
    before = shop.files
    result = await told(shop)
    assert {name: set(tables) for name, tables in result["modules"].items()} == {
        "shop": {"author", "tag", "books_tag", "books"}
    }
    [point] = result["points"]
    assert "aerich has shop.settings.TORTOISE_ORM." in point and f'tortoise_orm = "{CONFIG}"' in point
    assert table(shop) == {
        "name": "shop",
        "modules": "shop.manifests:MODULES",
        "ids": "bigint",
        "aerich": {"folder": "migrations", "app": "models"},
    }
    after = shop.files
    assert after.keys() - before.keys() == {"shop/manifests.py"}
    assert {name for name in before if before[name] != after[name]} == {"pyproject.toml"}
    assert after["pyproject.toml"].startswith(before["pyproject.toml"].rstrip())  # with its comments


async def test_models_in_several_files(shop: Shop) -> None:
    """A many-to-many table has one owner: the file that declares the field, or that has a model of the table."""
    shop.write({name: text for name, text in tortoise().items() if name != "shop/models.py"} | SPLIT)
    await shop.begin_aerich()
    result = await told(shop)
    assert {name: set(tables) for name, tables in result["modules"].items()} == {
        "books": {"book", "book_tag"},
        "authors": {"author", "tag"},
        "deals": {"deal"},
    }
    assert len(result["points"]) == 1
    assert (await shop.crossdock("modules", "--json")).status == 0
    check = await shop.crossdock("migrate", "check", "--json")
    assert "owner" not in check.output and "pending" in check.output, check


async def test_keys_of_several_kinds(shop: Shop) -> None:
    """Text holds each of them, and that is said while it can still be changed."""
    mixed = MODELS.replace("word =", "id = fields.UUIDField(primary_key=True)\n    word =")
    shop.write(tortoise() | {"shop/models.py": mixed})
    points = (await told(shop))["points"]
    assert table(shop)["ids"] == "text"
    assert any('several kinds (bigint, uuid): ids = "text"' in point for point in points)


async def test_the_table_that_a_newer_aerich_writes(shop: Shop) -> None:
    """`aerich init` writes [tool.tortoise] beside Tortoise 1.0 and newer."""
    newer = tortoise()["pyproject.toml"].replace("[tool.aerich]", "[tool.tortoise]")
    shop.write(tortoise() | {"pyproject.toml": newer})
    await shop.begin_aerich()
    assert set((await told(shop))["modules"]) == {"shop"}
    assert table(shop)["aerich"] == {"folder": "migrations", "app": "models"}


async def test_a_location_with_the_app_in_it(shop: Shop) -> None:
    """aerich puts the app's name where {app} stands; at the end it means the same as nothing."""
    said = tortoise()["pyproject.toml"]
    shop.write(tortoise() | {"pyproject.toml": said.replace("./migrations", "./{app}/migrations")})
    ran = await shop.crossdock("init")
    assert ran.is_one_line("aerich's location is ./{app}/migrations", "Move the revisions"), ran
    shop.write({"pyproject.toml": said.replace("./migrations", "./migrations/{app}")})
    await told(shop)
    assert table(shop)["aerich"] == {"folder": "migrations", "app": "models"}


async def test_sqlalchemy_and_alembic_on_another_driver(shop: Shop) -> None:
    """env.py is read, and not run: psycopg is not installed here."""
    shop.write(sqlalchemy())
    result = await told(shop)
    assert set(result["modules"]) == {"lending"}
    assert set(result["modules"]["lending"]) == {"members", "loans", "books"}
    assert table(shop)["alembic"] == {"folder": "alembic", "metadata": "shop.db:Base"}
    own, point = result["points"]
    assert "run_by_hand()" in own
    assert "alembic/env.py stays as it is: it has no include_object" in point
    assert point.endswith('return kind != "table" or name in target_metadata.tables')


async def test_both(shop: Shop) -> None:
    """A table that is the target of foreign keys alone belongs to the tool that makes it."""
    shop.write(both())
    await shop.begin_aerich()
    result = await told(shop)
    assert set(result["modules"]["lending"]) == {"members", "loans"}
    assert "books" in result["modules"]["shop"]
    *_, point = result["points"]
    # alembic by hand would drop the columns of books that SQLAlchemy does not know
    assert 'name in target_metadata.tables and name not in {"books"}' in point
    modules = await shop.crossdock("modules", "--json")
    assert {each["name"]: each["orm"] for each in modules.json} == {"lending": "sqlalchemy", "shop": "tortoise"}


async def test_twice_is_once(shop: Shop) -> None:
    """The second run says so and changes nothing."""
    shop.write(both())
    await shop.begin_aerich()
    await told(shop)
    before = shop.files
    ran = await shop.crossdock("init")
    assert (ran.status, ran.output) == (0, "pyproject.toml has [tool.crossdock] already: nothing was changed.\n")
    assert shop.files == before


async def test_a_dry_run_writes_nothing(shop: Shop) -> None:
    """And shows the same files that would be written."""
    shop.write(both())
    await shop.begin_aerich()
    before = shop.files
    dry = await told(shop, "--dry-run")
    assert shop.files == before
    wet = await told(shop)
    assert dry["files"] == wet["files"]
    assert (dry["written"], wet["written"]) == (False, True)


async def test_a_package_under_src(shop: Shop) -> None:
    """The folder is named among the sources, so that the `crossdock` program finds the package."""
    said = {name.replace("shop/", "src/shop/", 1): text for name, text in both().items()}
    said["pyproject.toml"] = said["pyproject.toml"].replace("./.", "./src")
    said["alembic.ini"] = INI.replace("= .", "= src")
    shop.write(said)
    await told(shop)
    assert table(shop)["sources"][0] == "src"
    assert (shop.root / "src" / "shop" / "manifests.py").is_file()
    assert (await shop.crossdock("modules", "--json")).status == 0


async def test_a_pyproject_that_is_broken(shop: Shop) -> None:
    """One line says where, and nothing is written."""
    shop.write({"pyproject.toml": "[tool.aerich\n"})
    before = shop.files
    ran = await shop.crossdock("init")
    assert ran.is_one_line("pyproject.toml cannot be read, and nothing was written", "line 1"), ran
    assert shop.files == before


async def test_models_that_cannot_be_imported(shop: Shop) -> None:
    """The reason is said, and nothing is written."""
    shop.write(tortoise() | {"shop/models.py": "import os\nos.environ['SHOP_KEY']\n"})
    before = shop.files
    ran = await shop.crossdock("init")
    assert ran.is_one_line("cannot be imported here, and nothing was written", "SHOP_KEY"), ran
    assert shop.files == before


@pytest.mark.parametrize(("files", "tool"), [(tortoise, "aerich init-db"), (sqlalchemy, "alembic init")])
async def test_models_without_a_chain(shop: Shop, files: Any, tool: str) -> None:
    """The tool that is missing is begun first: Crossdock takes over what is there."""
    said = files() | {"pyproject.toml": PROJECT}
    said.pop("alembic.ini", None)
    shop.write(said)
    before = shop.files
    ran = await shop.crossdock("init")
    assert ran.is_one_line("Nothing was written.", tool), ran
    assert shop.files == before


async def test_the_file_that_has_the_models_is_named(shop: Shop) -> None:
    """And not one that begins Tortoise."""
    main = "from tortoise.contrib.fastapi import RegisterTortoise\n"
    shop.write(tortoise() | {"pyproject.toml": PROJECT, "shop/app.py": main})
    ran = await shop.crossdock("init")
    assert ran.is_one_line("shop/models.py has models of Tortoise"), ran


async def test_what_the_help_says(shop: Shop) -> None:
    """The table's name is in it: it is no markup."""
    helped = await shop.crossdock("init", "--help")
    assert "Write tool.crossdock into the pyproject.toml" in helped.output


async def test_tools_that_read_the_librarys_configuration(shop: Shop) -> None:
    """Nothing is to be decided about them."""
    shop.write(both() | {"alembic/env.py": f"{ENV.partition('def run')[0]}{BY_HAND}"})
    await shop.begin_aerich()
    own = [point for point in (await told(shop))["points"] if "alembic/env.py" in point]
    assert own == []


async def test_a_file_of_that_name_is_there(shop: Shop) -> None:
    """It is left alone, and the manifests get another."""
    shop.write(tortoise() | {"shop/manifests.py": "SHIPPING = 1\n"})
    await told(shop)
    assert (shop.root / "shop" / "manifests.py").read_text() == "SHIPPING = 1\n"
    assert table(shop)["modules"] == "shop.crossdock_manifests:MODULES"


async def test_a_metadata_that_env_py_computes(shop: Shop) -> None:
    """It has to be said."""
    shop.write(sqlalchemy() | {"alembic/env.py": ENV.replace("= Base.metadata", "= [Base.metadata]")})
    ran = await shop.crossdock("init")
    assert ran.is_one_line("sets no target_metadata that can be read", "crossdock init --metadata"), ran
    await told(shop, "--metadata", "shop.db:Base")
    assert table(shop)["alembic"]["metadata"] == "shop.db:Base"


async def test_a_version_table_of_ones_own(shop: Shop) -> None:
    """As env.py calls it."""
    named = ENV.replace("configure(", 'configure(version_table="shop_version", ')
    shop.write(sqlalchemy() | {"alembic/env.py": named})
    await told(shop)
    assert table(shop)["alembic"]["version_table"] == "shop_version"


async def test_alembic_in_the_pyproject(shop: Shop) -> None:
    """[tool.alembic] in place of alembic.ini."""
    files = sqlalchemy()
    del files["alembic.ini"]
    said = PROJECT + '[tool.alembic]\nscript_location = "%(here)s/alembic"\nprepend_sys_path = ["."]\n'
    shop.write(files | {"pyproject.toml": said})
    await told(shop)
    assert table(shop)["alembic"]["folder"] == "alembic"


async def test_files_of_an_old_aerich(shop: Shop) -> None:
    """They can be run, and not compared with: what to do comes before the first run."""
    shop.write(tortoise() | {"migrations/models/0_20230101000000_init.py": OLD})
    _, point = (await told(shop))["points"]
    assert "1 of the 1 files of migrations/models are of an old format" in point
    assert "aerich fix-migrations" in point


async def test_a_chain_that_forks(shop: Shop) -> None:
    """Two revisions after one, and one that merges them."""
    versions = {
        f"alembic/versions/{name}.py": REVISION.replace("d16d0b48e0db", name).replace(
            "down_revision: Union[str, Sequence[str], None] = None", f"down_revision = {before!r}"
        )
        for name, before in {"a1": "d16d0b48e0db", "b1": "d16d0b48e0db", "c1": ("a1", "b1")}.items()
    }
    shop.write(sqlalchemy() | versions)
    points = (await told(shop))["points"]
    assert any("forks: a1.py and b1.py both follow d16d0b48e0db" in each and "in one line" in each for each in points)


async def test_several_apps_of_tortoise(shop: Shop) -> None:
    """The one that has revisions is taken, and the others are named."""
    two = '"apps": {"other": {"models": ["shop.other"], "default_connection": "default"}, '
    settings = tortoise()["shop/settings.py"].replace('"apps": {', two)
    other = MODELS.partition("class Tag")[0].replace("Author", "Thing")
    shop.write(
        tortoise()
        | {
            "shop/settings.py": settings,
            "shop/other.py": other,
            "migrations/models/0_20230101000000_init.py": OLD,
        }
    )
    points = (await told(shop))["points"]
    assert table(shop)["aerich"]["app"] == "models"
    assert any("several apps" in point and "other left out" in point for point in points)


async def test_a_model_in_both_orms(shop: Shop) -> None:
    """A mapped class of the other tool's table is for a person to decide."""
    twin = (
        '\n\nclass Author(Base):\n    __tablename__ = "author"\n    id: Mapped[int] = mapped_column(primary_key=True)\n'
    )
    files = both()
    shop.write(files | {"shop/lending.py": files["shop/lending.py"] + twin})
    await shop.begin_aerich()
    result = await told(shop)
    assert "author" in result["modules"]["shop"]
    assert any("shop.lending has models of author too, which aerich migrates" in point for point in result["points"])


async def test_tortoise_with_a_first_chain_of_alembic(shop: Shop) -> None:
    """`--alembic` begins one, at once or later."""
    shop.write(tortoise())
    await told(shop)
    later = await told(shop, "--alembic", "lending/migrations")
    assert set(later["files"]) == {
        *("lending/migrations/env.py", "lending/migrations/script.py.mako", "lending/migrations/versions/.gitkeep"),
        "pyproject.toml",
    }
    assert table(shop)["alembic"] == {"folder": "lending/migrations"}
    assert not (await told(shop, "--alembic", "elsewhere"))["files"]


async def test_an_empty_project(shop: Shop) -> None:
    """The smallest service: a package for modules, settings, an app, and a chain without a revision."""
    result = await told(shop)
    assert result["points"] == []
    assert AERICH not in result["files"]["pyproject.toml"]
    modules = await shop.crossdock("modules", "--json")
    assert (modules.status, modules.json) == (0, [])
    lint = await shop.crossdock("migrate", "lint")
    assert lint.status == 0, lint
