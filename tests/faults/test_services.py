"""The real service on the embedded server: ended while it works or starts, killed, and two of them at once."""

import asyncio
import signal
from collections.abc import Callable
from pathlib import Path

import httpx
import psutil
import pytest

from tests.acceptance.process import Service, home, postmaster
from tests.acceptance.serving import folder, register, serve, sign_in
from tests.waiting import until

__all__ = ["folder", "serve"]


@pytest.mark.parametrize(("how", "workers"), [(signal.SIGINT, "2"), (signal.SIGTERM, "1"), (signal.SIGHUP, "1")])
async def test_the_end_waits_for_nobody(
    serve: Callable[..., Service], folder: Path, how: signal.Signals, workers: str
) -> None:
    """Ctrl-C, SIGTERM and a closed terminal end the service and PostgreSQL, whatever is still open: a connection that
    is kept alive, and a request whose body never comes."""
    service = serve(None, "--workers", workers, CROSSDOCK_DATA_DIR=str(folder))
    await service.start()
    async with service.http() as http:
        await http.get("/healthz")
        answer, hanging = await asyncio.open_connection("127.0.0.1", service.port)
        hanging.write(b"POST /v1/auth/register HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n")
        hanging.write(b"Content-Type: application/json\r\nExpect: 100-continue\r\n\r\n{")
        assert b"100 Continue" in await answer.readline()  # the app waits for the body
        await service.end(how, group=how is signal.SIGINT)
        hanging.close()
    assert service.process.returncode == 0, service.log
    assert "Traceback" not in service.log
    assert postmaster(folder) is None


async def test_sigkill_loses_nothing(serve: Callable[..., Service], folder: Path) -> None:
    """PostgreSQL stays, the workers do not, and the next start on the same port finds what was written.

    The workers learn the database's address by their environment: a command line is for everybody to see.
    """
    service = serve(None, "--workers", "2", CROSSDOCK_DATA_DIR=str(folder))
    await service.start()
    await register(service, "ada@kept.example")
    assert not any("postgresql:" in line for line in command_lines(service))
    service.kill()
    await service.process.wait()
    assert postmaster(folder) is not None
    await until_refused(service)
    await service.start()
    await sign_in(service, "ada@kept.example")
    await service.stop()
    assert postmaster(folder) is None


def command_lines(service: Service) -> list[str]:
    """Those of the service and its workers, as `ps` shows them to everybody."""
    parent = psutil.Process(service.process.pid)
    workers = parent.children(recursive=True)
    assert len(workers) >= 2
    return [" ".join(process.cmdline()) for process in (parent, *workers)]


async def until_refused(service: Service) -> None:
    """Nobody listens on the port any more."""

    async def is_refused() -> bool:
        try:
            async with service.http() as http:
                await http.get("/healthz")
        except httpx.TransportError:
            return True
        return False

    await until(is_refused)


async def test_two_services_share_one_server(serve: Callable[..., Service], folder: Path) -> None:
    """The second one finds the first one's server and data; the server ends with the last of them."""
    first, second = serve(CROSSDOCK_DATA_DIR=str(folder)), serve(CROSSDOCK_DATA_DIR=str(folder))
    await asyncio.gather(first.start(), second.start())
    await register(first, "ada@shared.example")
    await first.end()
    await sign_in(second, "ada@shared.example")
    assert postmaster(folder) is not None
    await second.end()
    assert postmaster(folder) is None


async def test_what_is_still_starting_can_be_ended(serve: Callable[..., Service]) -> None:
    """A signal before the service is ready stops what was started by then."""
    with home() as folder:
        service = serve(None, "--demo", CROSSDOCK_DATA_DIR=str(folder))
        starting = asyncio.create_task(service.start())
        while postmaster(folder) is None:  # noqa: ASYNC110  another process's file
            await asyncio.sleep(0.05)
        await service.end()
        with pytest.raises(AssertionError, match="ended before it was ready"):
            await starting
        assert service.process.returncode == 0, service.log
        assert postmaster(folder) is None
