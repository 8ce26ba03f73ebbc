"""The library's own chain makes its tables as the tenancy wants them, and nothing where they are there already."""

from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from sqlalchemy import select

from crossdock.application import Application
from crossdock.config.settings import Settings
from crossdock.errors import ConfigurationError
from crossdock.events import Event
from crossdock.idempotency import IdempotencyKeyReused, StoredAnswer, find_answer, keep_answer
from crossdock.isolation import ask
from crossdock.migrations.run.runner import Runner
from crossdock.registry import Registry
from crossdock.schema.drift import differences
from crossdock.schema.expected import read_sides
from crossdock.tenancy import Everybody, Platform, Scope, Tenancy, Tenant
from crossdock.transaction import Database
from tests.world import Server


@dataclass(frozen=True, slots=True)
class BranchScope(Tenant):
    """A branch of a library, by a whole number."""

    branch_id: int


BRANCHES = Tenancy(
    scope=BranchScope,
    columns={"branch_id": int},
    settings={"library.branch_id": "branch_id"},
    tenant_role="crossdock_app",
    platform_role="crossdock_platform",
)
SIGNED = replace(BRANCHES, signature="library.signature")
TENANCIES = {
    "none": (None, Everybody()),
    "by number": (BRANCHES, BranchScope(7)),
    "signed": (SIGNED, BranchScope(7)),
    "no role of the platform's": (replace(BRANCHES, platform_role=None), BranchScope(7)),
    "no roles": (replace(BRANCHES, tenant_role=None, platform_role=None), BranchScope(7)),
}
EACH = pytest.mark.parametrize("kind", TENANCIES)
ANSWER = StoredAnswer(201, {}, b"{}")


class Lent(Event):
    type = "loans.lent"


def registry_of(kind: str, root: Path) -> Registry:
    """An application without modules and chains, whose keys are whole numbers."""
    tenancy, _ = TENANCIES[kind]
    application = Application(name="library", root=root, modules=(), ids="bigint", tenancy=tenancy)
    return Registry(application, {})


async def use(database: Database, scope: Scope, key: str) -> StoredAnswer | None:
    """An event, and an answer that is kept for a key."""
    async with database.transaction(scope) as tx:
        found = await find_answer(tx, tx.tenant_key, key, b"request")
        if found is None:
            tx.emit(Lent(subject_id=5))
            await keep_answer(tx, tx.tenant_key, key, b"request", ANSWER)
        return found


@EACH
async def test_up_makes_what_the_models_and_rules_say(empty: Settings, tmp_path: Path, kind: str) -> None:
    """Nothing differs, row level security holds, and down leaves nothing."""
    registry = registry_of(kind, tmp_path)
    runner = Runner(empty, registry)
    await runner.up()
    assert [str(each) for each in differences(await read_sides(empty.direct, registry), registry)] == []
    await runner.down()
    assert [chain.applied for chain in await runner.status()] == [()]
    await runner.up()
    assert all(chain.is_current for chain in await runner.status())


@EACH
async def test_outbox_and_keys_work(server: Server, empty: Settings, tmp_path: Path, kind: str) -> None:
    """An event is in the outbox under its tenant, and a key is its tenant's own."""
    registry, (tenancy, scope) = registry_of(kind, tmp_path), TENANCIES[kind]
    if tenancy is None or tenancy.platform_role is None:
        # No role: whoever owns the tables uses them. A superuser may become the tenants' role without being let.
        owner = server.superuser.with_database(empty.direct.database)
        empty = empty.with_database(owner, owner)
    await Runner(empty, registry).up()
    async with Database(empty, registry) as database:
        assert await use(database, scope, "k") is None
        assert await use(database, scope, "k") == ANSWER
        with pytest.raises(IdempotencyKeyReused):
            async with database.transaction(scope) as tx:
                await find_answer(tx, tx.tenant_key, "k", b"another request")
        if isinstance(scope, BranchScope):
            assert await use(database, BranchScope(8), "k") is None
        async with database.transaction(Platform("count")) as tx:
            kept = (await tx.sql.execute(select(tx.own_tables.idempotency_keys.c.key))).all()
            assert len(kept) == (2 if isinstance(scope, BranchScope) else 1)
    eyes = await server.connect(empty.direct.database)
    rows = [dict(row) for row in await eyes.fetch("SELECT * FROM outbox ORDER BY id")]
    await eyes.close()
    assert {row["subject_id"] for row in rows} == {5}
    if kind != "none":
        assert [row["branch_id"] for row in rows] == [7, 8]


@pytest.mark.parametrize("kind", ["by number", "signed"])
async def test_a_tenant_sees_its_own_alone(server: Server, empty: Settings, tmp_path: Path, kind: str) -> None:
    """What is kept for another branch is not found, and cannot be written."""
    registry = registry_of(kind, tmp_path)
    await Runner(empty, registry).up()
    async with Database(empty, registry) as database:
        await use(database, BranchScope(7), "mine")
        async with database.transaction(BranchScope(8)) as tx:
            assert await find_answer(tx, {"branch_id": 7}, "mine", b"request") is None
    eyes = await server.connect(empty.direct.database)
    assert [broken.line for broken in await ask(eyes, "public", registry, empty.pooled.user)] == []
    await eyes.close()


async def test_a_session_that_begins_as_a_tenant_is_noticed(server: Server, empty: Settings, tmp_path: Path) -> None:
    """By the name that this application gives its setting."""
    registry = registry_of("by number", tmp_path)
    await Runner(empty, registry).up()
    eyes = await server.connect(empty.direct.database)
    await eyes.execute(f'ALTER DATABASE "{empty.direct.database}" SET library.branch_id = 7')
    [broken] = await ask(eyes, "public", registry, empty.pooled.user)
    assert "a session of the service begins with library.branch_id set" in broken.wrong
    await eyes.close()


async def test_a_revision_that_made_the_tables_is_there(empty: Settings, tmp_path: Path) -> None:
    """Where the application names one. Otherwise the tables would be nowhere, and everything would look applied."""
    registry = registry_of("none", tmp_path)
    wrong = Registry(registry.application.model_copy(update={"library_tables": "alembic:0004"}), {})
    with pytest.raises(
        ConfigurationError, match=r"`library_tables` in .* names no revision of the project: alembic:0004"
    ):
        await Runner(empty, wrong).up()
    assert not any(chain.applied for chain in await Runner(empty, wrong).status())
