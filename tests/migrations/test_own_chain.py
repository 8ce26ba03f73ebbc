"""The library's own chain makes its tables as the tenancy wants them, and nothing where they are there already."""

from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from crossdock.application import Application
from crossdock.config.settings import Settings
from crossdock.events import Event
from crossdock.idempotency import IdempotencyKeyReused, StoredAnswer, find_answer, keep_answer
from crossdock.isolation import ask
from crossdock.migrations.run.runner import Runner
from crossdock.registry import Registry
from crossdock.schema.drift import differences
from crossdock.schema.expected import read_sides
from crossdock.tenancy import Everybody, Scope, Tenancy, Tenant
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
TENANCIES = {"none": (None, Everybody()), "by number": (BRANCHES, BranchScope(7)), "signed": (SIGNED, BranchScope(7))}
EACH = pytest.mark.parametrize("kind", TENANCIES)
ANSWER = StoredAnswer(201, {}, b"{}")


class Lent(Event):
    type = "loans.lent"


def registry_of(kind: str, root: Path) -> Registry:
    """An application without modules and chains, whose keys are whole numbers."""
    application = Application(name="library", root=root, modules=(), ids="bigint")
    tenancy, _ = TENANCIES[kind]
    if tenancy is not None:
        application.__dict__["tenancy_object"] = tenancy  # a cached property: as an import would give it
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
    if tenancy is None:
        empty = empty.with_database(empty.direct, empty.direct)  # no roles: whoever owns the tables uses them
    await Runner(empty, registry).up()
    async with Database(empty, registry) as database:
        assert await use(database, scope, "k") is None
        assert await use(database, scope, "k") == ANSWER
        with pytest.raises(IdempotencyKeyReused):
            async with database.transaction(scope) as tx:
                await find_answer(tx, tx.tenant_key, "k", b"another request")
        if isinstance(scope, BranchScope):
            assert await use(database, BranchScope(8), "k") is None
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
