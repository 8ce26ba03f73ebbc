"""Deploys as they happen: from nothing, from the last release with data, two at once, by hand in between, and back."""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from crossdock.config.settings import Settings
from crossdock.migrations.names import spelled
from crossdock.migrations.plan import ordered
from crossdock.registry import Registry
from crossdock.transaction import Database
from freight.modules.companies.api import PLATFORM_COMPANY_ID
from freight.modules.ledger import service as ledger
from freight.modules.ledger.store import AccountKind
from tests.acceptance.process import Service
from tests.application import FREIGHT
from tests.invariants import ledger_violations
from tests.migrations.catalogue import Catalogue
from tests.migrations.copies import RELEASES, Project, copied, released
from tests.migrations.fixtures import with_one_login
from tests.migrations.killing import NEVER, Killer, Way, killer
from tests.migrations.scene import Scene, State
from tests.modules.ledger import company, counted, deposit, do, eur
from tests.world import Server, World, database_name

ROUNDS = 20

CLAIMS = [
    "tests/modules/test_accounts_register.py",
    "tests/modules/test_accounts_teams.py",
    "tests/modules/test_bookings_rules.py",
    "tests/modules/test_bids_offers.py",
    "tests/modules/test_bids_deal.py",
    "tests/modules/test_bids_cancel.py",
    "tests/modules/test_shipments_journey.py",
    "tests/modules/test_shipments_payment.py",
    "tests/modules/test_ledger_http.py",
    "tests/web/test_writes.py",
]
"""The release's tests that speak to its API: every verb of the marketplace, as a client sees it. Left out are those
that look into its parts, of the commands (they migrate), of time limits, and the search for bad input (a minute)."""


@pytest.fixture
async def bare(server: Server, empty: Settings, tmp_path: Path) -> Scene:
    """An empty database, and a copy of both chains that tests may add to."""
    return Scene(server, empty, copied(tmp_path / "project"))


def same_rows(before: State, after: State) -> None:
    """Each row that was there is there still, and what a new table has is its revision's own."""
    assert before.data
    assert {table: after.data.get(table) for table in before.data} == before.data


async def test_from_the_last_release_with_data(deployed: Scene, migrated: Catalogue) -> None:
    """The same schema as from nothing, every row as it was, and the journal takes over what the release applied."""
    before, versions = await deployed.state(), await deployed.versions()
    assert len([rows for rows in before.data.values() if not rows.startswith("0 ")]) > 15
    ran = await deployed.migrate("up", "--json")
    assert ran.status == 0, ran
    assert ran.json["current"]
    after = await deployed.state()
    assert after.catalogue == migrated
    same_rows(before, after)
    journal = await deployed.sql("SELECT chain, event, revision FROM crossdock_journal ORDER BY id")
    taken = [(row["chain"], row["revision"]) for row in journal if row["event"] == "accepted"]
    words = {"legacy": "aerich", "new": "alembic"}  # the journal's own, which the release reads as well
    assert taken == [(word, name) for word, chain in words.items() for name in versions[chain]]
    await deployed.runner.up()
    assert await deployed.state() == after


SHARED = """
    SELECT kind, posted_minor, version, updated_at FROM ledger_accounts
    WHERE company_id = $1 AND currency = 'EUR' ORDER BY kind
"""
FILL = "UPDATE ledger_accounts SET posted_minor = -9223372036854775807 WHERE company_id = $1 AND kind = 'external'"


async def test_the_last_releases_books_go_on(deployed: Scene, server: Server) -> None:
    """What it booked on the accounts that all companies shared stays as it is. Today's deposits and fees are booked on
    the company's own: the shared ones could be full."""
    await deployed.runner.up()
    connection = await server.connect(deployed.settings.direct.database)
    before = await connection.fetch(SHARED, PLATFORM_COMPANY_ID)
    assert [row["kind"] for row in before] == ["external", "fees"]
    held = await connection.fetchrow(
        "SELECT t.* FROM ledger_transfers t LEFT JOIN ledger_resolutions r ON r.transfer_id = t.id"
        " WHERE t.is_pending AND r.id IS NULL LIMIT 1"
    )
    owner, named = held["debit_company_id"], {"reference": "test"}
    async with Database(deployed.settings, Registry.discover(FREIGHT)) as database:
        await deposit(database, owner, eur(500))
        await do(database, ledger.settle, held["id"], payer_id=owner, payee_id=await company(database), **named)
        assert await connection.fetch(SHARED, PLATFORM_COMPANY_ID) == before
        assert await counted(database, owner, AccountKind.EXTERNAL) == -500
        assert await counted(database, owner, AccountKind.FEES) == held["amount_minor"] * 500 // 10_000
        wrong = await ledger_violations(connection)
        assert [each for each in wrong if "between accounts of one company" not in each] == []
        await connection.execute(FILL, PLATFORM_COMPANY_ID)
        await deposit(database, owner, eur(1))
    await connection.close()


async def test_the_last_release_goes_on_serving(deployed: Scene, tmp_path: Path) -> None:
    """While today's code is rolled out, the release's service works on today's schema: a load goes its way. What it
    does not know yet, it calls not ready, if there is anything."""
    await deployed.runner.up()
    service = Service(with_one_login(deployed.settings), code=tmp_path / "release" / "src")
    try:
        await service.start()
        async with service.http() as http:
            assert (await http.get("/healthz")).status_code == 200
        world = World(base_url=service.url)
        shipper, carrier = await world.shipper(), await world.carrier()
        booking, bid = await world.awarded(shipper, carrier)
        accepted = await carrier.http.post(f"/v1/bids/{bid['id']}/accept")
        assert accepted.status_code == 200, accepted.text
        assert (await shipper.http.get(f"/v1/bookings/{booking['id']}")).json()["status"] == "covered"
    finally:
        await service.stop()


async def test_the_last_releases_claims_hold_on_the_schema_of_today(
    server: Server, template: str, tmp_path: Path
) -> None:
    """Expand and contract: the release's own acceptance tests, with its own code, on databases of today's schema."""
    release = released(tmp_path / "release", RELEASES[-1])
    name = _template_of(release, server)
    await server.copy(name, template)
    environment = {"CROSSDOCK_TEST_DATABASE_URL": server.superuser.url}
    try:
        ran = await release.python(
            "-m", "pytest", "-n0", "-p", "no:cacheprovider", *CLAIMS,
            settings=server.settings("postgres"), limit_s=800, **environment,
        )  # fmt: skip
        assert ran.status == 0, ran.output[-3_000:]
        assert "%]" in ran.output
    finally:
        await server.drop(name)


def _template_of(release: Project, server: Server) -> str:
    """The name under which the release's tests look for a migrated database: it goes by the content of its revisions,
    so a word more in one of them makes it a name of this test's own."""
    file = release.files("aerich")[0]
    file.write_text(file.read_text() + f"\n# {database_name(server.owner.user)}\n")
    paths = sorted(path for chain in ("aerich", "alembic") for path in release.chain(chain).location.rglob("*.py"))
    content = hashlib.sha256(b"".join(path.read_bytes() for path in paths)).hexdigest()[:12]
    return f"crossdock_template_{content}"


async def test_down_and_up_again_at_every_point(scene: Scene, migrated: Catalogue) -> None:
    """Back to each revision, one after the other, and to the head again: the schema is what it was."""
    for revision in ordered(scene.runner.chains.revisions):
        await scene.runner.down(target=revision.key)
        assert revision.name in [name for chain in await scene.runner.status() for name in chain.applied]
        await scene.runner.up()
        assert (await scene.state()).catalogue == migrated


@pytest.fixture(scope="module")
async def deployers() -> AsyncIterator[tuple[Killer, Killer]]:
    """Two programs that deploy when they are told to."""
    async with killer() as one, killer() as other:
        yield one, other


@pytest.mark.parametrize("round_", range(ROUNDS))
async def test_two_deployers_at_once(bare: Scene, deployers: tuple[Killer, Killer], round_: int) -> None:
    """Two processes, one empty database: each revision ran once, and so did what copies rows."""
    _copy_rows(bare.project)
    way = Way(bare.runner.chains.revisions[-1], "up", None)
    await asyncio.gather(*(each.run(bare, way, NEVER) for each in deployers))
    names = sorted(revision.name for revision in bare.runner.chains.revisions)
    for event in ("started", "version"):
        rows = await bare.sql("SELECT revision FROM crossdock_journal WHERE event = $1", event)
        assert sorted(row[0] for row in rows) == names
    assert (await bare.sql("SELECT count(*) FROM l_copies"))[0][0] == 1
    assert (await bare.sql("SELECT count(*) FROM n_copies"))[0][0] == 1
    assert await bare.is_current()


async def test_two_commands_at_once(bare: Scene, migrated: Catalogue) -> None:
    """The same with the command that people call."""
    for ran in await asyncio.gather(*(bare.migrate("up") for _ in range(2))):
        assert ran.status == 0, ran
    assert (await bare.state()).catalogue == migrated


def _copy_rows(project: Project) -> None:
    for add, table in ((project.add_aerich, "l_copies"), (project.add_alembic, "n_copies")):
        add(f"CREATE TABLE {table} (id uuid); INSERT INTO {table} SELECT id FROM companies;", f"DROP TABLE {table};")


async def test_raw_aerich_then_ours(bare: Scene, migrated: Catalogue) -> None:
    """Its revisions are taken over, not run again, and `alembic check` has nothing to say."""
    assert (await bare.project.tool("aerich", "upgrade", settings=bare.settings)).status == 0
    assert (await bare.migrate("up")).status == 0
    assert (await bare.state()).catalogue == migrated
    started = await bare.sql("SELECT DISTINCT chain FROM crossdock_journal WHERE event = 'started'")
    assert {row[0] for row in started} == {"new", "crossdock"}
    check = await bare.project.tool("alembic", "check", settings=bare.settings)
    assert "No new upgrade operations detected" in check.output + check.errors


async def test_ours_then_raw_tools(bare: Scene, migrated: Catalogue) -> None:
    """To a point with ours, on with alembic's own command, back with both, and with ours to the end."""
    legacy = bare.project.files("aerich")[-1].name.partition("_")[0]
    await bare.runner.up(target=f"aerich:{legacy}")
    for command in (("alembic", "upgrade", "head"), ("alembic", "downgrade", "base"), ("alembic", "upgrade", "head")):
        ran = await bare.project.tool(*command, settings=bare.settings)
        assert ran.status == 0, ran
    chains = await bare.runner.status()
    assert [chain.name for chain in chains if not chain.is_current] == ["crossdock"]  # no tool's own command runs it
    assert not any(chain.problems for chain in chains)
    await bare.runner.up()
    assert await bare.is_current()
    assert (await bare.state()).catalogue == migrated


async def test_raw_aerich_back_and_ours_again(bare: Scene, migrated: Catalogue) -> None:
    """`aerich downgrade` of the last revision by hand; ours then runs that one alone. One that stands alone has to be
    undone by ours: aerich's own way back is a transaction always."""
    last = [each for each in bare.runner.chains.revisions if each.chain == "aerich" and not each.stands_alone][-1].name
    await bare.runner.up(target=f"aerich:{last}")
    ran = await bare.project.tool("aerich", "downgrade", "-v", "-1", "--yes", settings=bare.settings)
    assert ran.status == 0, ran
    assert last not in (await bare.versions())["aerich"]
    steps: list[str] = []
    await bare.runner.up(steps.append, target=f"aerich:{last}")
    assert steps == ["roles", f"aerich:{last} up"]
    await bare.runner.up()
    assert (await bare.state()).catalogue == migrated


async def test_two_raw_aerichs_at_once(bare: Scene) -> None:
    """The second waits for the first, and finds nothing to do; by itself it would have applied everything again."""
    _copy_rows(bare.project)
    for ran in await asyncio.gather(
        *(bare.project.tool("aerich", "upgrade", settings=bare.settings) for _ in range(2))
    ):
        assert ran.status == 0, ran
    versions = (await bare.versions())["aerich"]
    assert versions == [path.name for path in bare.project.files("aerich")]
    assert (await bare.sql("SELECT count(*) FROM l_copies"))[0][0] == 1
    await bare.runner.up()
    assert await bare.is_current()


@pytest.mark.parametrize("chain", ["aerich", "alembic"])
async def test_raw_tools_and_what_they_need(scene: Scene, chain: str) -> None:
    """A revision that needs one of the other chain, which is not there: refused, and nothing of it stays."""
    other = scene.project.add_alembic if chain == "aerich" else scene.project.add_aerich
    mine = scene.project.add_aerich if chain == "aerich" else scene.project.add_alembic
    needed = other("CREATE TABLE first (id int);", "DROP TABLE first;").name.partition("_")[0]
    need = f"{'alembic' if chain == 'aerich' else 'aerich'}:{needed}"
    mine("CREATE TABLE second (id int);", "DROP TABLE second;", needs=(need,))
    before = await scene.state()
    command = ("aerich", "upgrade") if chain == "aerich" else ("alembic", "upgrade", "head")
    ran = await scene.project.tool(*command, settings=scene.settings)
    assert ran.status != 0
    assert f"needs {need}, which is not applied. Nothing of it stays." in ran.output + ran.errors
    assert await scene.state() == before
    steps: list[str] = []
    await scene.runner.up(steps.append)
    assert [step.partition(":")[0] for step in steps[1:]] == (
        ["alembic", "aerich"] if chain == "aerich" else ["aerich", "alembic"]
    )


def test_released_revisions_are_as_they_were(tmp_path: Path) -> None:
    """What a release has applied somewhere is in today's chains, under its name: nothing is taken out or put before."""
    for version in RELEASES:
        release = released(tmp_path / version, version)
        for chain in ("aerich", "alembic"):
            then = [path.name for path in release.files(chain)]
            assert then == [path.name for path in Project(FREIGHT.root).files(chain)][: len(then)]
        described = json.loads((FREIGHT.root / "releases" / version / "schema.json").read_text())
        files = [key for key in release.revision_keys() if not key.startswith("crossdock:")]  # those are this library's
        assert [spelled(key) for key in described["revisions"]] == files
