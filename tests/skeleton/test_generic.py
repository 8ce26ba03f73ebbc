"""The library's own templates, in a project of somebody else's: without tenants, and with a tenancy of an integer."""

import ast
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from crossdock.cli.skeleton.fields import KINDS, read_fields
from crossdock.cli.skeleton.files import Templates
from crossdock.cli.skeleton.names import names_of
from crossdock.config.settings import Settings
from crossdock.tenancy import Tenancy, Tenant
from tests.acceptance.process import Service
from tests.application import FREIGHT
from tests.skeleton.library import Library
from tests.world import Server, ok

NEW = ("modules", "new", "books", "--field", "title:text(100)", "--field", "printed_at:time?")
BODY = {"title": "Dune", "printed_at": "1965-08-01T00:00:00Z"}


@dataclass(frozen=True, slots=True)
class BranchScope(Tenant):
    """A branch of a library."""

    branch_id: int


def filled(tenancy: Tenancy) -> dict[str, str]:
    """A module with a field of every kind."""
    application = FREIGHT.model_copy(update={"templates": None, "modules": "library.modules", "tenancy": tenancy})
    fields = read_fields([f"{kind}_{n}:{kind}{null}" for kind in KINDS for n, null in enumerate(("", "?"))])
    return Templates.of(application).module(names_of("old_books", None), fields, "library.modules")


def test_without_tenants_there_is_no_key_and_no_rule() -> None:
    """Each file is Python, nothing is left to fill in, and lines have room."""
    texts = filled(Tenancy())
    assert "rules.sql" not in texts
    for path, text in texts.items():
        ast.parse(text, path)
        assert "$" not in text
        assert [line for line in text.splitlines() if len(line) > 120] == [], path
    assert "tenant" not in "".join(texts.values())


def test_the_columns_of_the_tenancy_are_in_row_and_table() -> None:
    """With policies for its role. Where statements run as the login itself, a policy would hold for nobody."""
    branches = Tenancy(BranchScope, {"branch_id": int}, {"library.branch_id": "branch_id"})
    texts = filled(replace(branches, tenant_role="branch"))
    assert "    branch_id: int\n" in texts["store.py"]
    assert "    branch_id: Mapped[int] = mapped_column(BigInteger)\n" in texts["models_sqlalchemy.py"]
    assert 'Index("ix_old_books_branch_id_id", "branch_id", "id")' in texts["models_sqlalchemy.py"]
    assert texts["rules.sql"].count("branch_id = (SELECT current_branch_id())") == 4
    assert "platform" not in texts["rules.sql"]
    assert "rules.sql" not in filled(branches)


@pytest.fixture(params=[False, True], ids=["no tenants", "tenants"])
async def library(
    request: pytest.FixtureRequest, tmp_path: Path, server: Server, empty: Settings
) -> AsyncIterator[tuple[Library, Service, dict[str, str]]]:
    """The project with its module written, migrated and served; and the headers of a request."""
    has_tenants = request.param
    made = Library.made(tmp_path, has_tenants=has_tenants)
    async with server.with_own_logins() as own:
        settings = empty.with_database(empty.direct, empty.direct, empty.direct)
        if has_tenants:
            settings = own.settings(empty.direct.database)
        service = await served(made, settings, tmp_path)
        yield made, service, {"x-branch": "1"} if has_tenants else {}
        await service.stop()


async def served(made: Library, settings: Settings, folder: Path) -> Service:
    """Writes the module, migrates and starts."""
    for command in (("migrate", "up"), NEW, ("migrate", "up"), ("migrate", "check"), ("schema", "check")):
        ran = await made.crossdock(*command, settings=settings)
        assert ran.status == 0, ran.errors[-3500:]
    service = Service(settings, forked=True, CROSSDOCK_PROJECT=str(folder), CROSSDOCK_AUTH__SECRET=None)
    await service.start()
    return service


async def test_the_module_is_written_migrated_and_served(library: tuple[Library, Service, dict[str, str]]) -> None:
    """A book is added, read, listed and changed, of the version that was read; another branch sees nothing of it."""
    _, service, headers = library
    async with service.http() as http:
        http.headers.update(headers)
        added = await http.post("/v1/books", json=BODY)
        assert ok(added, 201).items() >= BODY.items()
        url, etag = added.headers["location"], added.headers["etag"]
        assert ok(await http.get(url)) == added.json()
        assert ok(await http.get("/v1/books")) == {"items": [added.json()], "next_cursor": None}
        changed = await http.patch(url, json={"title": "Dune Messiah"}, headers={"If-Match": etag})
        assert ok(changed)["title"] == "Dune Messiah"
        refused: dict[str, Any] = (await http.patch(url, json=BODY, headers={"If-Match": etag})).json()
        assert refused["code"] == "precondition_failed"
        if headers:
            await nothing_is_seen_by_another(http, url)


async def nothing_is_seen_by_another(http: httpx.AsyncClient, url: str) -> None:
    http.headers["x-branch"] = "2"
    assert (await http.get(url)).status_code == 404
    assert ok(await http.get("/v1/books"))["items"] == []
