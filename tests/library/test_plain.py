"""A service of other people: no tenants, integer keys, a declarative base of its own, and manifests in a list."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select
from tortoise import context as tortoise_context
from tortoise.context import TortoiseContext

from crossdock.application import AerichChain, AlembicChain, Application
from crossdock.config.settings import Settings
from crossdock.errors import ConfigurationError, ProgrammingError, WriteInReading
from crossdock.migrations.tools.alembic_tool import ours
from crossdock.registry import Orm, Registry
from crossdock.schema.expected import sqlalchemy_sql, tortoise_sql
from crossdock.schema.metadata import metadata_of
from crossdock.schema.ownership import check_ownership, faults, modelled
from crossdock.transaction import Database
from tests.library.plain.lending import Loan
from tests.library.plain.models import Author, Book
from tests.library.scene import opened, small
from tests.world import Server, database_name, tortoise_without_memory

MODULES = "tests.library.plain.manifests:MODULES"
PLAIN = Application(
    name="library",
    root=Path(),
    modules=MODULES,
    aerich=AerichChain(folder=Path("migrations"), app="catalogue"),
    alembic=AlembicChain(folder=Path("alembic"), metadata="tests.library.plain.lending:Base"),
)


@pytest.fixture(scope="module")
def library() -> Registry:
    return Registry.discover(PLAIN)


def test_modules_are_listed_in_one_file(library: Registry) -> None:
    """Each has a package of its own name beside that file, whether or not there is one."""
    assert list(library.modules) == ["authors", "books", "loans"]
    assert library.package_of(library.modules["books"]) == "tests.library.plain.books"
    assert library.all_models(Orm.TORTOISE) == ["tests.library.plain.models"]
    assert library.all_models(Orm.SQLALCHEMY) == ["tests.library.plain.lending"]


def test_lists_and_packages_may_be_mixed() -> None:
    """A module of a package that is not the first one keeps its own."""
    mixed = PLAIN.model_copy(update={"modules": (MODULES, "tests.library.specimens")})
    registry = Registry.discover(mixed)
    assert {"books", "specimen"} <= set(registry.modules)
    assert registry.package == "tests.library.specimens"
    assert registry.package_of(registry.modules["specimen"]) == "tests.library.specimens.specimen"


def test_a_list_that_is_none_is_refused() -> None:
    """By its name."""
    wrong = PLAIN.model_copy(update={"modules": "tests.library.plain.models:Book"})
    with pytest.raises(ConfigurationError, match=r"plain\.models:Book as modules, which is no list"):
        Registry.discover(wrong)


def test_two_modules_of_one_name_are_refused() -> None:
    """Wherever they come from."""
    twice = PLAIN.model_copy(update={"modules": (MODULES, MODULES)})
    with pytest.raises(ConfigurationError, match="two modules called authors"):
        Registry.discover(twice)


def test_the_tables_of_one_file_belong_to_several(library: Registry) -> None:
    """And so does the table that Tortoise makes for a many-to-many field without a name."""
    check_ownership(library)
    assert modelled(library, Orm.TORTOISE) == {"authors", "books", "tags", "books_tags"}


def test_a_table_of_a_shared_file_needs_an_owner(library: Registry) -> None:
    """It is said which of the modules may name it."""
    modules = {name: each for name, each in library.modules.items() if name != "books"}
    said = list(faults(Registry(library.application, modules)))
    assert (
        "The table books has a model in models.py of authors and no owner: name it in the tables of its manifest."
        in said
    )


def test_alembic_sees_its_own_tables_alone(library: Registry) -> None:
    """Neither Tortoise's, nor the library's own, nor a stranger's."""
    metadata = metadata_of(library)
    is_ours = ours(library, metadata)
    table = metadata.tables["loans"]
    seen = {name: is_ours(table, name, "table", True, None) for name in ("loans", "books", "outbox", "strays")}
    assert seen == {"loans": True, "books": False, "outbox": False, "strays": False}


async def test_both_orms_say_their_tables(library: Registry, settings: Settings) -> None:
    """Each in its own DDL, which the schema check compares with the database."""
    assert 'CREATE TABLE "books_tags"' in await tortoise_sql(settings.direct, library)
    assert "CREATE TABLE loans" in sqlalchemy_sql(library)


@pytest.fixture(scope="module")
async def database(server: Server, library: Registry) -> AsyncIterator[Database]:
    """With the tables, and one login for everything."""
    name = database_name("plain")
    admin = await server.connect("postgres")
    await admin.execute(f'CREATE DATABASE "{name}" OWNER "{server.owner.user}"')
    await admin.close()
    settings = server.settings(name)
    settings = small(settings.with_database(settings.direct, settings.direct), 2)
    connection = await server.connect(name)
    await connection.execute(f'SET ROLE "{server.owner.user}"')
    await connection.execute(await tortoise_sql(settings.direct, library))
    await connection.execute(sqlalchemy_sql(library))
    await connection.close()
    with tortoise_without_memory():
        async with opened(settings, library) as database:
            yield database
    await server.drop(name)


async def test_a_transaction_needs_no_scope(database: Database) -> None:
    """Both ORMs write in it, and read what the other has written after it."""
    async with database.transaction() as tx:
        author = await Author.create(name="Le Guin")
        book = await Book.create(title="The Dispossessed", author=author)
        tx.session.add(Loan(book_id=book.id, reader="Shevek"))
    async with database.reading() as unit:
        loan = (await unit.session.execute(select(Loan))).scalar_one()
        assert (await Book.get(id=loan.book_id).prefetch_related("author")).author.name == "Le Guin"


async def test_nothing_stays_of_what_fails_half_way(database: Database) -> None:
    """Neither ORM's rows."""
    with pytest.raises(RuntimeError):
        async with database.transaction() as tx:
            await Author.create(name="nobody")
            tx.session.add(Loan(book_id=0, reader="nobody"))
            await tx.session.flush()
            raise RuntimeError
    async with database.reading() as unit:
        assert not await Author.exists(name="nobody")
        assert (await unit.session.execute(select(Loan).where(Loan.reader == "nobody"))).first() is None


async def test_a_reading_does_not_write(database: Database) -> None:
    """PostgreSQL refuses it, from either ORM."""
    with pytest.raises(WriteInReading):
        async with database.reading():
            await Author.create(name="nobody")
    with pytest.raises(WriteInReading):
        async with database.reading() as unit:
            unit.session.add(Loan(book_id=0, reader="nobody"))
            await unit.session.flush()


async def test_with_tenants_a_scope_is_needed(specimens: Database) -> None:
    """Left out, it would be a guess whose rows are meant."""
    for begin in (specimens.transaction, specimens.reading):
        with pytest.raises(ProgrammingError, match="has tenants, so a unit of work needs to know for whom it runs"):
            begin()


@pytest.fixture
async def of_ones_own(server: Server, database: Database) -> AsyncIterator[None]:
    """The service opens Tortoise by itself, as RegisterTortoise does, and Crossdock's database after it."""
    before, tortoise_context._global_context = tortoise_context._global_context, None
    address = database.settings.direct
    credentials = {**address.asyncpg(), "minsize": 1, "maxsize": 2}
    context = TortoiseContext()
    connections = {"default": {"engine": "tortoise.backends.asyncpg", "credentials": credentials}}
    apps = {"catalogue": {"models": ["tests.library.plain.models"], "default_connection": "default"}}
    with context:
        await context.init(config={"connections": connections, "apps": apps}, _enable_global_fallback=True)
    async with opened(database.settings, database.registry):
        yield
    await context.close_connections()
    tortoise_context._global_context = before


async def test_code_without_a_unit_goes_on(database: Database, of_ones_own: None) -> None:
    """Where the service opened Tortoise first. In a unit the same models work in its transaction."""
    await Author.create(name="alone")
    with pytest.raises(RuntimeError):
        async with database.transaction():
            await Author.filter(name="alone").delete()
            raise RuntimeError
    assert await Author.exists(name="alone")
