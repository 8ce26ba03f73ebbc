"""`crossdock serve` with an app of somebody else's: plain FastAPI, without our shell, sign-in or /readyz."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from crossdock.application import Application
from crossdock.config.settings import Settings
from tests.acceptance.process import Service
from tests.world import ok

APP = """
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request
from sqlalchemy import text

from crossdock.registry import Registry, load_settings
from crossdock.tenancy import Platform
from crossdock.transaction import Database


@asynccontextmanager
async def lifespan(app):
    registry = Registry.found()
    async with Database(load_settings(registry), registry) as database:
        app.state.database = database
        yield


app = FastAPI(lifespan=lifespan)


def create_app():
    return app


@app.get("/answer")
async def answer(request: Request):
    async with request.app.state.database.transaction(Platform("to count")) as tx:
        return {"answer": (await tx.session.execute(text("SELECT 41 + 1"))).scalar_one(), "client": request.client.host}
"""


def project(root: Path, app: str) -> Path:
    """A package for modules, none in it, and an app beside it. None of it is installed."""
    table = f'[tool.crossdock]\nname = "library"\nmodules = "library.modules"\napp = "library.app:{app}"\n'
    (root / "library" / "modules").mkdir(parents=True)
    for folder in ("library", "library/modules"):
        (root / folder / "__init__.py").touch()
    (root / "library" / "app.py").write_text(APP)
    (root / "pyproject.toml").write_text(table)
    return root


@pytest.fixture(params=[("app", "1"), ("create_app", "2")], ids=["an object", "a function, two workers"])
async def service(request: pytest.FixtureRequest, settings: Settings, tmp_path: Path) -> AsyncIterator[Service]:
    app, workers = request.param
    variables = {"CROSSDOCK_PROJECT": str(project(tmp_path, app)), "CROSSDOCK_AUTH__SECRET": None}
    service = Service(settings, "--workers", workers, "--forwarded-allow-ips", "127.0.0.0/8", **variables)
    await service.start()
    yield service
    await service.stop()


async def test_a_plain_app_is_served(service: Service) -> None:
    """It is announced by its address and its docs page. Its lifespan opens the database, proxies are believed as the
    option says, each request is in the log, and what it has no route for is not found."""
    assert service.announced == {"url": service.url, "docs": f"{service.url}/docs"}
    async with service.http() as http:
        told = ok(await http.get("/answer", headers={"X-Forwarded-For": "192.0.2.7"}))
        assert (await http.get("/readyz")).status_code == 404
    assert told == {"answer": 42, "client": "192.0.2.7"}
    assert '192.0.2.7:0 - "GET /answer HTTP/1.1" 200' in service.log


def test_what_makes_an_app_gets_what_it_has_parameters_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An object is taken as it is, and so is a function that is awaited for each request, as ASGI has it."""
    (tmp_path / "sample_apps.py").write_text(
        "def bare(): return 'bare'\ndef asks(*, settings): return settings\nasync def app(scope, receive, send): ...\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    made = {
        name: Application(name="sample", root=tmp_path, modules="none", app=f"sample_apps:{name}").make_app(
            settings="settings", registry="registry"
        )
        for name in ("bare", "asks", "app")
    }
    assert (made["bare"], made["asks"], made["app"].__name__) == ("bare", "settings", "app")
