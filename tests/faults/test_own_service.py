"""Somebody else's service on the installed library: the wheel and nothing else, migrated, served and used over HTTP."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import asyncpg
import httpx
import pytest

from tests.acceptance.process import Port, Service, environment
from tests.commands.quick import PATIENCE_S
from tests.wheel import ROOT, Installed, build, install
from tests.world import Server, database_name, ok

pytestmark = pytest.mark.longest

HEADS = {"aerich": "0_20240312090000_init.py", "alembic": "769f8023f237"}


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Installed:
    """An empty environment with `crossdock[web,lint]`."""
    return install(build(tmp_path_factory.mktemp("wheel")), tmp_path_factory.mktemp("own") / "venv", "web", "lint")


@dataclass(frozen=True)
class Project:
    """A copy of an example with a database of its own, and the environment that it runs in."""

    folder: Path
    installed: Installed
    variables: Mapping[str, str]
    eyes: asyncpg.Connection

    def run(self, *command: str) -> CompletedProcess[str]:
        """In the project's folder, as a person would."""
        return self.installed.run(*command, folder=self.folder, environment=environment(**self.variables))

    def done(self, *command: str) -> str:
        """What a command says that has to end well."""
        ran = self.run(*command)
        assert ran.returncode == 0, (command, ran.stdout, ran.stderr)
        return ran.stdout

    def applied(self) -> dict[str, Any]:
        """Chain → what of it is applied, and whether that is all."""
        told = json.loads(self.run("crossdock", "migrate", "status", "--json").stdout)
        return {chain["name"]: chain for chain in told["chains"]}

    async def tables(self) -> set[str]:
        found = await self.eyes.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        return {row["tablename"] for row in found}


@asynccontextmanager
async def project(server: Server, installed: Installed, example: str, folder: Path) -> AsyncIterator[Project]:
    """Without tenants the service has one login, with them one for the tenants, one for the platform and the owner."""
    shutil.copytree(ROOT / "examples" / example, folder, ignore=shutil.ignore_patterns("__pycache__"))
    name, maintenance = database_name(example), await server.connect("postgres")
    await maintenance.execute(f'CREATE DATABASE "{name}" OWNER "{server.owner.user}"')
    logins = (server.owner, server.tenants, server.service)
    owner, tenants, service = (each.with_database(name).url for each in logins)
    variables = {"DATABASE_URL": owner}
    if "tenants" in example:
        variables = {"DATABASE_URL": tenants, "CROSSDOCK_PLATFORM_URL": service, "DIRECT_URL": owner}
    eyes = await server.connect(name)
    try:
        yield Project(folder, installed, variables, eyes)
    finally:
        await eyes.close()
        await server.drop(name)
        await maintenance.execute("DROP ROLE IF EXISTS branches_tenant; DROP ROLE IF EXISTS branches_platform")
        await maintenance.close()


@pytest.fixture
async def library(server: Server, installed: Installed, tmp_path: Path) -> AsyncIterator[Project]:
    async with project(server, installed, "own_service", tmp_path / "library") as made:
        yield made


@pytest.fixture
async def branches(server: Server, installed: Installed, tmp_path: Path) -> AsyncIterator[Project]:
    async with (
        server.with_own_logins() as own,
        project(own, installed, "own_service_with_tenants", tmp_path / "branches") as made,
    ):
        yield made


class Theirs(Service):
    """`crossdock serve` of the environment that the wheel is installed in."""

    def __init__(self, project: Project) -> None:
        super().__init__(None, **project.variables, CROSSDOCK_PROJECT=str(project.folder))
        self._program = [project.installed.folder / "bin" / "crossdock"]


@asynccontextmanager
async def served(project: Project) -> AsyncIterator[httpx.AsyncClient]:
    service = Theirs(project)
    await service.start()
    try:
        async with service.http() as http:
            yield http
    finally:
        await service.stop()


@asynccontextmanager
async def served_by_uvicorn(project: Project) -> AsyncIterator[httpx.AsyncClient]:
    """By uvicorn's own command, in the project's folder."""
    port = Port()
    process = await asyncio.create_subprocess_exec(
        project.installed.folder / "bin" / "uvicorn",
        "branches.app:app",
        f"--port={port.number}",
        cwd=project.folder,
        env=environment(**project.variables),
    )
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port.number}", trust_env=False) as http:
        try:
            async with asyncio.timeout(PATIENCE_S):
                while not await _answers(http):
                    assert process.returncode is None, "uvicorn ended before it was ready"
                    await asyncio.sleep(0.05)
            yield http
        finally:
            process.terminate()
            await process.wait()


async def _answers(http: httpx.AsyncClient) -> bool:
    try:
        return (await http.get("/openapi.json")).is_success
    except httpx.TransportError:
        return False


async def test_its_chains_run_by_either_command(library: Project) -> None:
    """The tools' own commands and `crossdock migrate` go on where the other left off, down and up again. Neither tool
    finds anything to do about the other's tables, or the library's."""
    library.done("aerich", "upgrade")
    library.done("alembic", "upgrade", "head")
    assert library.done("aerich", "heads").strip() == "No available heads."
    assert HEADS["aerich"] in library.done("aerich", "history")
    assert HEADS["alembic"] in library.done("alembic", "heads")
    assert HEADS["alembic"] in library.done("alembic", "current")
    assert "Members and loans." in library.done("alembic", "history")
    assert "outbox" not in await library.tables()

    library.done("crossdock", "migrate", "up")
    assert {"authors", "books", "members", "loans", "outbox", "idempotency_keys"} <= await library.tables()
    assert {chain: told["pending"] for chain, told in library.applied().items()} == {
        "aerich": [],
        "alembic": [],
        "crossdock": [],
    }
    assert "No changes detected" in library.done("aerich", "migrate")
    assert "No new upgrade operations detected" in library.done("alembic", "check")
    library.done("crossdock", "migrate", "check")
    library.done("crossdock", "migrate", "lint")
    library.done("crossdock", "schema", "check")

    library.done("crossdock", "migrate", "down", "--yes")
    assert await library.tables() & {"authors", "books", "members", "loans", "outbox"} == set()
    library.done("crossdock", "migrate", "up")
    assert {"authors", "books", "members", "loans", "outbox", "idempotency_keys"} <= await library.tables()
    library.done("crossdock", "doctor")


async def rows(project: Project, table: str) -> int:
    found: int = await project.eyes.fetchval(f"SELECT count(*) FROM {table}")
    return found


async def test_one_transaction_over_both_orms(library: Project) -> None:
    """A loan takes a copy from the shelf. One that fails half-way, after the copy was taken and sent to PostgreSQL,
    leaves nothing: no loan, no event, and the copy is on the shelf."""
    library.done("crossdock", "migrate", "up")
    async with served(library) as http:
        emma = ok(await http.post("/books", json={"title": "Emma", "author": "Jane Austen", "copies": 2}), 201)
        ada = ok(await http.post("/members", json={"name": "Ada"}), 201)
        wanted = {"book_id": emma["id"], "member_id": ada["id"]}

        assert (await http.post("/loans", json=wanted | {"member_id": 999})).status_code == 404
        assert ok(await http.get(f"/books/{emma['id']}"))["copies_in"] == 2

        loan = ok(await http.post("/loans", json=wanted), 201)
        assert ok(await http.get(f"/books/{emma['id']}"))["copies_in"] == 1

        refused = await http.post("/loans", json=wanted)
        assert (refused.status_code, refused.json()["code"]) == (409, "already_lent")
        assert ok(await http.get(f"/books/{emma['id']}"))["copies_in"] == 1
        assert (await rows(library, "loans"), await rows(library, "outbox")) == (1, 1)

        assert (await http.post(f"/loans/{loan['id']}/return")).status_code == 204
        assert ok(await http.get(f"/books/{emma['id']}"))["copies_in"] == 2
    events = await library.eyes.fetch("SELECT type, subject_id, actor_id, payload FROM outbox ORDER BY id")
    assert [(row["type"], row["subject_id"], row["actor_id"]) for row in events] == [
        ("lending.book_lent", loan["id"], None),
        ("lending.book_returned", loan["id"], None),
    ]
    assert json.loads(events[0]["payload"]) == {"subject_id": loan["id"], **wanted}


async def test_a_key_has_one_effect_and_one_answer(library: Project) -> None:
    """Sent twice with one Idempotency-Key, also at the same time, a book is lent once. Without tenants the key alone
    says whose it is."""
    library.done("crossdock", "migrate", "up")
    async with served(library) as http:
        emma = ok(await http.post("/books", json={"title": "Emma", "author": "Jane Austen", "copies": 9}), 201)
        ada = ok(await http.post("/members", json={"name": "Ada"}), 201)
        wanted, headers = {"book_id": emma["id"], "member_id": ada["id"]}, {"Idempotency-Key": "a key"}
        first = await http.post("/loans", json=wanted, headers=headers)
        again = await http.post("/loans", json=wanted, headers=headers)
        other = await http.post("/loans", json=wanted | {"member_id": 7}, headers=headers)
        assert (first.status_code, again.status_code, other.status_code) == (201, 201, 422)
        assert (first.content, first.headers["location"]) == (again.content, again.headers["location"])
        assert ok(await http.get(f"/books/{emma['id']}"))["copies_in"] == 8
    assert await rows(library, "idempotency_keys") == 1


async def test_documents_of_both_orms_tables(library: Project) -> None:
    """PostgreSQL makes the list, from the tables of both, page after page by whole numbers."""
    library.done("crossdock", "migrate", "up")
    async with served(library) as http:
        ada, bea = [ok(await http.post("/members", json={"name": name}), 201)["id"] for name in ("Ada", "Bea")]
        for title in ("Emma", "Persuasion", "Sanditon"):
            book = ok(await http.post("/books", json={"title": title, "author": "Jane Austen", "copies": 9}), 201)
            for member in (ada, bea):
                ok(await http.post("/loans", json={"book_id": book["id"], "member_id": member}), 201)
        seen: list[str] = []
        page: dict[str, Any] = {"next_cursor": None}
        while not seen or page["next_cursor"]:
            cursor = {"cursor": page["next_cursor"]} if page["next_cursor"] else {}
            page = ok(await http.get("/loans", params={"limit": 2, "member_id": ada} | cursor))
            seen += [item["book"] for item in page["items"]]
            assert {item["member"] for item in page["items"]} == {"Ada"}
        assert seen == ["Sanditon", "Persuasion", "Emma"]
        loan = page["items"][0]
        assert ok(await http.get(f"/loans/{loan['id']}")) == loan
        assert (await http.get("/loans/999")).status_code == 404
        assert (await http.get("/loans", params={"cursor": "no cursor"})).status_code == 422


def of(branch: int, **headers: str) -> dict[str, Any]:
    """What a request of a branch is sent with."""
    return {"headers": {"X-Branch": str(branch), **headers}}


async def test_tenants_with_whole_numbers_as_keys(branches: Project) -> None:
    """Each branch sees its own rows by either ORM and in documents, and its idempotency keys are its own. What it emits
    is marked as its own. Served by uvicorn's own command."""
    branches.done("crossdock", "migrate", "up")
    branches.done("crossdock", "schema", "check")
    branches.done("crossdock", "migrate", "lint")
    async with served_by_uvicorn(branches) as http:
        one, two = [
            ok(await http.post("/books", params={"title": "Emma", "copies": 2}, **of(branch)), 201)["id"]
            for branch in (1, 2)
        ]
        assert [each["id"] for each in ok(await http.get("/books", **of(1)))] == [one]

        mine = {"params": {"book_id": one, "member": "Ada"}}
        assert (await http.post("/loans", **mine, **of(2))).status_code == 409  # not a book of this branch
        first = await http.post("/loans", **mine, **of(1, **{"Idempotency-Key": "k"}))
        again = await http.post("/loans", **mine, **of(1, **{"Idempotency-Key": "k"}))
        assert (first.status_code, again.status_code, first.content) == (201, 201, again.content)
        theirs = {"params": {"book_id": two, "member": "Bea"}}
        ok(await http.post("/loans", **theirs, **of(2, **{"Idempotency-Key": "k"})), 201)

        page = ok(await http.get("/loans", **of(1)))
        assert [item["member"] for item in page["items"]] == ["Ada"]
        loan = page["items"][0]
        assert ok(await http.get(f"/loans/{loan['id']}", **of(1))) == loan
        assert (await http.get(f"/loans/{loan['id']}", **of(2))).status_code == 404
    told = await branches.eyes.fetch("SELECT branch_id, subject_id FROM outbox ORDER BY id")
    assert [tuple(row) for row in told] == [(1, loan["id"]), (2, loan["id"] + 1)]
    kept = await branches.eyes.fetch("SELECT branch_id, key FROM idempotency_keys ORDER BY branch_id")
    assert [tuple(row) for row in kept] == [(1, "k"), (2, "k")]


async def test_chains_of_tenants_go_down_and_up(branches: Project) -> None:
    """The policies, then the function that they call, and back."""
    branches.done("crossdock", "migrate", "up")
    branches.done("crossdock", "migrate", "down", "--yes")
    assert await branches.tables() & {"books", "loans", "outbox"} == set()
    branches.done("crossdock", "migrate", "up")
    assert {"books", "loans", "outbox"} <= await branches.tables()
    assert "No new upgrade operations detected" in branches.done("alembic", "check")
