"""A tenancy of one's own keeps tenants apart whatever a statement sets, and whatever is in a key."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy import func, insert, select
from sqlalchemy.exc import IntegrityError

from crossdock.application import Application
from crossdock.config.settings import Settings
from crossdock.errors import Invalid, ProgrammingError
from crossdock.events import Event
from crossdock.events.outbox import outbox_rows
from crossdock.guards import SessionFeatureUsed
from crossdock.idempotency import StoredAnswer, find_answer, keep_answer
from crossdock.migrations.run.runner import Runner
from crossdock.registry import Registry
from crossdock.tenancy import Everybody, Tenancy, Tenant
from crossdock.transaction import Database, Transaction
from crossdock.transaction.faults import driver_error
from tests.library.scene import PLATFORM, opened, small
from tests.world import Server, database_name, unique


@dataclass(frozen=True, slots=True)
class BranchScope(Tenant):
    """A branch of a library, by a whole number."""

    branch: int


@dataclass(frozen=True, slots=True)
class ShelfScope(Tenant):
    """A shelf of a branch, each by a word."""

    branch: str
    shelf: str


ROLES = {"tenant_role": "crossdock_app", "platform_role": "crossdock_platform", "signature": "library.signature"}
BY_NUMBER = Tenancy(BranchScope, {"branch": int}, {"library.branch": "branch"}, **ROLES)
BY_WORDS = Tenancy(
    ShelfScope,
    {"branch": str, "shelf": str},
    {"library.branch": "branch", "library.shelf": "shelf"},
    **ROLES,
)
ANSWER = StoredAnswer(201, {}, b"{}")


class Lent(Event):
    type = "loans.lent"


def registry_of(tenancy: Tenancy) -> Registry:
    """An application without modules and chains."""
    application = Application(name="library", root=Path(), modules=(), ids="bigint", tenancy=tenancy)
    return Registry(application, {})


async def migrated(server: Server, name: str, registry: Registry) -> Settings:
    admin = await server.connect("postgres")
    await admin.execute(f'CREATE DATABASE "{name}" OWNER "{server.owner.user}"')
    await admin.close()
    settings = small(server.settings(name), 2)
    await Runner(settings, registry).up()
    return settings


@pytest.fixture(scope="module")
async def numbers(server: Server) -> AsyncIterator[Settings]:
    name = database_name("by_number")
    yield await migrated(server, name, registry_of(BY_NUMBER))
    await server.drop(name)


@pytest.fixture(scope="module")
async def words(server: Server) -> AsyncIterator[Settings]:
    name = database_name("by_words")
    yield await migrated(server, name, registry_of(BY_WORDS))
    await server.drop(name)


async def keep(database: Database, scope: Tenant, key: str = "k") -> None:
    async with database.transaction(scope) as tx:
        assert await find_answer(tx, tx.tenant_key, key, b"request") is None
        tx.emit(Lent(subject_id=5))
        await keep_answer(tx, tx.tenant_key, key, b"request", ANSWER)


async def become(tx: Transaction, settings: dict[str, str]) -> None:
    """What any statement may do: set what the policies read."""
    for name, value in settings.items():
        await tx.first("SELECT set_config($1, $2, true)", (name, value))


async def seen(tx: Transaction) -> int:
    found: int = (await tx.sql.execute(select(func.count()).select_from(tx.own_tables.idempotency_keys))).scalar_one()
    return found


Open = Callable[[Tenancy], AbstractAsyncContextManager[Database]]


@pytest.fixture(params=[True, False], ids=["kept sessions", "as behind a pooler"])
def opens(request: pytest.FixtureRequest, numbers: Settings, words: Settings) -> Open:
    """Opens the database of a tenancy."""

    def open_database(tenancy: Tenancy) -> AbstractAsyncContextManager[Database]:
        settings = numbers if tenancy is BY_NUMBER else words
        return opened(settings.model_copy(update={"keep_sessions": request.param}), registry_of(tenancy))

    return open_database


@asynccontextmanager
async def not_allowed(tx: Transaction) -> AsyncIterator[None]:
    """The block is refused for want of a right, and undone."""
    with pytest.raises(Exception) as refused:
        async with tx.savepoint():
            yield
    assert isinstance(driver_error(refused.value), asyncpg.InsufficientPrivilegeError)


@pytest.mark.allows(SessionFeatureUsed, "it is what the test is about")
async def test_a_statement_cannot_become_another_tenant(opens: Open) -> None:
    """It sets what the policies read: it sees nothing then, and writes into neither table. Nor can it change roles."""
    key = unique("k")
    async with opens(BY_NUMBER) as database:
        await keep(database, BranchScope(1), key)
        async with database.transaction(BranchScope(2)) as tx:
            await become(tx, {"library.branch": "1"})
            assert await seen(tx) == 0
            for tenant in (1, 2):
                row = outbox_rows([Lent(subject_id=5)], {"branch": tenant}, None, tx.clock.now())[0]
                async with not_allowed(tx):
                    await tx.sql.execute(insert(tx.own_tables.outbox).values(row))
                async with not_allowed(tx):
                    await keep_answer(tx, {"branch": tenant}, key, b"request", ANSWER)
            for sql in ("SET ROLE crossdock_platform", "SET SESSION AUTHORIZATION crossdock_platform"):
                async with not_allowed(tx):
                    await tx.first(sql, ())
            await tx.first("RESET ROLE", ())
            async with not_allowed(tx):  # the login by itself has no rights at all
                await seen(tx)


async def test_a_signature_is_of_one_key_alone(opens: Open) -> None:
    """Two texts that are one text where they are written with a bar between them have not one signature."""
    key = unique("k")
    async with opens(BY_WORDS) as database:
        await keep(database, ShelfScope("a", "b"), key)
        for scope in (ShelfScope("a|b", "c"), ShelfScope("a", "b|c"), ShelfScope("|", "")):
            with pytest.raises(Invalid, match="has a character that is not allowed in it"):
                database.transaction(scope)


TEXTS = (
    "o'brien",
    "a\\",
    "\\'; RESET ROLE; --",
    "'; RESET ROLE; --",
    "ü☃😀",
    "$1",
    "%s",
    " ",
    "\n",
    "None",
    "x" * 2000,
)


async def test_any_text_is_a_key(opens: Open) -> None:
    """What is in it is never taken for SQL. Each sees its own alone, and all that was set is what was asked for."""
    key = unique("k")
    async with opens(BY_WORDS) as database:
        for text in TEXTS:
            await keep(database, ShelfScope(text, key), key)
            async with database.transaction(ShelfScope(text, key)) as tx:
                assert await seen(tx) == 1
                row = await tx.first("SELECT current_branch(), current_shelf(), current_user", ())
                assert tuple(row) == (text, key, "crossdock_app")


async def test_a_backslash_is_one_whatever_the_server_makes_of_it(server: Server, opens: Open, words: Settings) -> None:
    """Where `standard_conforming_strings` is off, a backslash in plain quotes would end the text early."""
    eyes = await server.connect(words.pooled.database)
    name = words.pooled.database
    await eyes.execute(f'ALTER DATABASE "{name}" SET standard_conforming_strings = off')
    try:
        async with opens(BY_WORDS) as database:
            for text in TEXTS:
                async with database.transaction(ShelfScope(text, text)) as tx:
                    assert tuple(await tx.first("SELECT current_branch(), current_shelf()", ())) == (text, text)
    finally:
        await eyes.execute(f'ALTER DATABASE "{name}" RESET standard_conforming_strings')
        await eyes.close()


@pytest.mark.parametrize("text", ["nul\0", "\ud800", "ü\0", "\udfffü"])
async def test_what_is_no_text_is_refused(opens: Open, text: str) -> None:
    """Before a connection is taken: PostgreSQL would close it, as if the database were gone."""
    async with opens(BY_WORDS) as database:
        for begin in (database.transaction, database.reading):
            with pytest.raises(Invalid, match="The shelf has a character"):
                begin(ShelfScope("a", text))
        assert database.transactions.gate.statistics.acquired_total == 0


async def test_any_whole_number_is_a_key(opens: Open) -> None:
    """As far as bigint goes."""
    key = unique("k")
    async with opens(BY_NUMBER) as database:
        for number in (-1, 0, 2**63 - 1, -(2**63)):
            await keep(database, BranchScope(number), key)
            async with database.transaction(BranchScope(number)) as tx:
                assert (await tx.first("SELECT current_branch()", ()))[0] == number


@pytest.mark.parametrize("value", ["1", "1; --", None, 1.0, UUID(int=1)], ids=repr)
def test_a_key_of_another_type_is_refused(value: Any) -> None:
    """As text it might look like another tenant's."""
    with pytest.raises(ProgrammingError, match=r"branch of BranchScope\(.*\) is no int"):
        BY_NUMBER.check(BranchScope(value))


@pytest.mark.parametrize("scope", [ShelfScope("1", "b"), Tenant(), Everybody(), BY_NUMBER], ids=repr)
def test_a_scope_of_another_tenancy_is_refused(scope: Any) -> None:
    """Though it may have an attribute of the same name."""
    with pytest.raises(ProgrammingError, match="The scope of this application is BranchScope, and not "):
        BY_NUMBER.check(scope)


async def test_the_platform_has_no_kept_answers(opens: Open) -> None:
    """They are a tenant's: the tables have no room for one without, and it would look as if the key were in use."""
    async with opens(BY_NUMBER) as database, database.transaction(PLATFORM) as tx:
        with pytest.raises(ProgrammingError, match="runs for the platform"):
            await find_answer(tx, tx.tenant_key, "k", b"request")
        with pytest.raises(IntegrityError):
            async with tx.savepoint():
                await keep_answer(tx, tx.tenant_key, "k", b"request", ANSWER)
