"""uvicorn and its workers: how they are started, what they log, and when they end."""

import asyncio
import gc
import itertools
import logging
import multiprocessing
import os
import re
import shutil
import signal
import socket
import tempfile
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import import_module
from pathlib import Path
from typing import Any

import psutil
import structlog
import uvicorn
from starlette.applications import Starlette
from starlette.types import ASGIApp, Lifespan
from uvicorn.config import STARTUP_FAILURE
from uvicorn.supervisors import ChangeReload

from crossdock.application import FOLDER_VARIABLE, Application
from crossdock.cli.serve.protocol import BoundedProtocol, ServerConfig
from crossdock.cli.serve.supervisor import Supervisor
from crossdock.config.settings import Settings
from crossdock.errors import Unavailable
from crossdock.logging import configure
from crossdock.registry import Registry, load_settings
from crossdock.web.proxies import Forwarded

DRAIN_S = 1
"""How long running requests may take to finish after the signal that ends the service. Then they are cancelled."""

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"structlog": {"()": "crossdock.cli.serve.worker.ToStructlog"}},
    "root": {"handlers": ["structlog"], "level": "WARNING"},
}


FRAME = re.compile(r'  File "')
"""Where a traceback shows a line of code."""


class DidNotStart(Unavailable):
    """The service did not start: the log above says why."""


COUNTED_IN = "crossdock-metrics-"
"""The folders where workers count, by the process of their service."""

RELOADED = ("*.py", "*.sql", "*.html", "*.css", "*.js")
"""What is watched with `--reload`: code, rules of tables, and the templates and styles of pages."""


def run(
    settings: Settings,
    listener: socket.socket,
    app: str = "crossdock.cli.serve.worker:make_app",
    *,
    reload: bool = False,
) -> None:
    """Serves until a signal. Raises DidNotStart. The settings reach the workers by their environment, since `ps`
    would show a password on a command line to every user. `app` names the function that makes an app."""
    os.environ.update(environment_of(settings))
    config = ServerConfig(
        app,
        factory=True,
        loop="uvloop",
        http=BoundedProtocol,
        workers=settings.workers,
        log_config=LOGGING,
        access_log=False,  # the request shell logs each request, with its id
        server_header=False,
        proxy_headers=False,  # uvicorn's would believe every program on this machine: see web/proxies.py
        timeout_graceful_shutdown=DRAIN_S,
        reload=reload,
        reload_dirs=_folders() if reload else None,
        reload_includes=list(RELOADED) if reload else None,
    )
    config.headers_timeout_s = settings.http.headers_timeout_s
    if reload:
        _run_reloading(config, listener)
    elif settings.workers > 1:
        _run_many(config, listener)
    else:
        _run_one(config, listener)


def _folders() -> list[str]:
    """The folders of the library's code and of the application's."""
    application = Application.find()
    application.make_importable()
    packages = {"crossdock", *(named.partition(":")[0].partition(".")[0] for named in application.modules_named)}
    return [str(path) for name in sorted(packages) for path in _paths(name)]


def _paths(name: str) -> list[str]:
    """Of a package its folders, of a single file the one that it lies in."""
    module = import_module(name)
    return list(getattr(module, "__path__", [])) or [str(Path(str(module.__file__)).parent)]


def environment_of(settings: Settings) -> dict[str, str]:
    """What a worker needs in its environment to load the same settings."""
    urls = {
        "DATABASE_URL": settings.database_url,
        "DIRECT_URL": settings.direct_url,
        "CROSSDOCK_PLATFORM_URL": settings.platform_url,
    }
    return {name: url.get_secret_value() for name, url in urls.items() if url} | {
        FOLDER_VARIABLE: str(Application.find().root),
        "CROSSDOCK_DATA_DIR": str(settings.data_dir.resolve()),
        "CROSSDOCK_WORKERS": str(settings.workers),
        "CROSSDOCK_HTTP__TRUSTED_PROXIES": ",".join(map(str, settings.http.trusted_proxies)),
    }


def make_app(registry: Registry | None = None) -> ASGIApp:
    """The app of one worker. A thread ends it when its parent was killed: it would keep the port for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    registry = registry or Registry.found()
    settings = load_settings(registry)
    configure(settings.log, tracing=settings.tracing)
    app: ASGIApp = registry.application.make_app(settings=settings, registry=registry)
    if isinstance(app, Starlette):
        app.router.lifespan_context = _frozen(app.router.lifespan_context)
    return app if _has_shell(app) else _around(app, settings)


def _has_shell(app: ASGIApp) -> bool:
    """Whether the app is one of `crossdock.web.app`, which reads what proxies say and logs each request."""
    return isinstance(app, Starlette) and any(getattr(each, "cls", None) is Forwarded for each in app.user_middleware)


def _around(app: ASGIApp, settings: Settings) -> ASGIApp:
    """An app without our shell: proxies are believed as the settings say, and uvicorn logs each request."""
    access = logging.getLogger("uvicorn.access")
    access.propagate = True  # to the root's handler, `ToStructlog`
    access.setLevel(logging.INFO)
    return Forwarded(app, settings.http.trusted_proxies)


def _frozen(lifespan: Lifespan[Any]) -> Lifespan[Any]:
    """Takes the objects that exist after the start out of garbage collection: they live as long as the process. A full
    collection would look through all of them, and requests would wait for tens of milliseconds meanwhile."""

    @asynccontextmanager
    async def started(app: Starlette) -> AsyncIterator[Any]:
        async with lifespan(app) as state:
            gc.collect()
            gc.freeze()
            yield state

    return started


def _end_with(parent: Any) -> None:
    parent.join()
    os.kill(os.getpid(), signal.SIGTERM)


def _run_one(config: uvicorn.Config, listener: socket.socket) -> None:
    try:
        uvicorn.Server(config).run([listener])
    except SystemExit as end:
        if end.code == STARTUP_FAILURE:
            raise DidNotStart from None
        raise


def _run_many(config: uvicorn.Config, listener: socket.socket) -> None:
    sweep()
    with tempfile.TemporaryDirectory(prefix=f"{COUNTED_IN}{os.getpid()}-") as folder:
        supervisor = Supervisor(config, listener, Path(folder))
        supervisor.run()
    if supervisor.did_not_start:
        raise DidNotStart


def sweep() -> None:
    """Removes the folders of services that were killed, which nobody else would remove."""
    for folder in Path(tempfile.gettempdir()).glob(f"{COUNTED_IN}*"):
        pid = folder.name.removeprefix(COUNTED_IN).partition("-")[0]
        if pid.isdigit() and not psutil.pid_exists(int(pid)):
            shutil.rmtree(folder, ignore_errors=True)  # it may be another user's


def _run_reloading(config: uvicorn.Config, listener: socket.socket) -> None:
    ChangeReload(config, target=uvicorn.Server(config).run, sockets=[listener]).run()


class ToStructlog(logging.Handler):
    """Passes what libraries log to structlog. Of a traceback that is logged as text, only its last error."""

    def emit(self, record: logging.LogRecord) -> None:
        if record.exc_info and isinstance(record.exc_info[1], asyncio.CancelledError):
            return  # a request that was cancelled at the end of the service: the request shell has logged it
        message = record.getMessage().strip()
        if message.startswith("Traceback"):
            message = error_of(message)
        log = structlog.get_logger(record.name)
        log.log(record.levelno, message, logger=record.name, exc_info=record.exc_info)


def error_of(traceback: str) -> str:
    """The last error of a traceback in one line, however many it has: the first of them says what went wrong, and what
    comes after it (PostgreSQL's DETAIL, a list of wrong fields) alone would say nothing."""
    lines = traceback.splitlines()
    last_frame = max((number for number, line in enumerate(lines) if FRAME.match(line)), default=-1)
    words = itertools.dropwhile(lambda line: line.startswith(" "), lines[last_frame + 1 :])
    return " ".join(" ".join(words).split())
