"""Several workers: they come back together, nobody is kept waiting meanwhile, and they count as one."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path
from tempfile import gettempdir

import httpx
import psutil
import pytest

from crossdock.cli.serve.supervisor import DELAY_S_MAX, delay_s_after
from crossdock.config.settings import Settings
from tests.acceptance.process import PATIENCE_S, Service, crossdock
from tests.world import World

WORKERS = 2


@pytest.fixture(scope="module")
async def pair(settings: Settings) -> AsyncIterator[Service]:
    """A service of two workers that all tests of this file kill as they like."""
    service = Service(settings, "--workers", str(WORKERS))
    await service.start()
    yield service
    folders = counted_in(service)
    await service.stop()
    assert folders
    assert not counted_in(service)


def counted_in(service: Service) -> list[Path]:
    return list(Path(gettempdir()).glob(f"crossdock-metrics-{service.process.pid}-*"))


def workers(service: Service) -> set[int]:
    """Their processes: forked from one that the service has started for that."""
    children = psutil.Process(service.process.pid).children()
    return {worker.pid for child in children for worker in child.children()}


async def told(service: Service) -> str:
    """What one new connection gets: the status of /healthz, or how it was turned away."""
    try:
        async with service.http() as http:
            return str((await http.get("/healthz", timeout=PATIENCE_S)).status_code)
    except httpx.ConnectError:
        return "refused"
    except (httpx.ReadError, httpx.RemoteProtocolError):
        return "cut"


async def all_serve(service: Service) -> None:
    """As many workers as there are places, each of which has said that it is ready by counting its pools."""
    async with asyncio.timeout(PATIENCE_S):
        while len(workers(service)) < WORKERS or await told(service) != "200":  # noqa: ASYNC110  other processes
            await asyncio.sleep(0.01)


def kill(pids: set[int]) -> None:
    for pid in pids:
        psutil.Process(pid).kill()


async def test_clients_are_refused_while_nobody_serves(pair: Service) -> None:
    """All workers die at once. Whoever comes is turned away until the next ones serve; nobody waits for them."""
    await all_serve(pair)
    dead = workers(pair)
    kill(dead)
    seen = []
    async with asyncio.timeout(PATIENCE_S):
        while not seen or seen[-1] != "200":
            seen.append(await told(pair))
    assert set(seen) <= {"refused", "cut", "200"}  # the next ones may serve before anybody is refused
    await all_serve(pair)
    assert not workers(pair) & dead
    assert pair.log.count("worker_died") == WORKERS
    assert pair.log.count("next_in_s=0.0") == WORKERS


async def test_one_that_dies_is_replaced_and_the_other_serves(pair: Service) -> None:
    """Nobody is refused meanwhile."""
    await all_serve(pair)
    dead = {min(workers(pair))}
    kill(dead)
    async with asyncio.timeout(PATIENCE_S):
        while workers(pair) & dead or len(workers(pair)) < WORKERS:
            assert await told(pair) in ("200", "cut")  # cut: the dead one had taken it
    await all_serve(pair)


async def counted(service: Service, name: str) -> float:
    """A sample of /metrics, whichever worker answers."""
    async with service.http() as http:
        text = (await http.get("/metrics")).text
    found = re.search(rf"^{re.escape(name)} (\S+)$", text, re.MULTILINE)
    return float(found[1]) if found else 0.0


NOWHERE = 'crossdock_requests_total{method="GET",route="unmatched",status="404"}'


async def test_all_workers_count_as_one(pair: Service) -> None:
    """Whichever is asked. Counters go on where a dead worker's stopped, and gauges forget what it had."""
    await all_serve(pair)
    before = await counted(pair, NOWHERE)
    for _ in range(20):
        async with pair.http() as http:  # a connection each: both workers take some
            assert (await http.get("/nowhere")).status_code == 404
    assert {await counted(pair, NOWHERE) for _ in range(10)} == {before + 20}
    await World(base_url=pair.url).register("shipper")
    acquired = 'crossdock_pool_acquired_total{pool="platform"}'
    async with asyncio.timeout(PATIENCE_S):
        while not await counted(pair, acquired):  # noqa: ASYNC110  the other worker tells within a second
            await asyncio.sleep(0.05)
    kill(workers(pair))
    await all_serve(pair)
    assert await counted(pair, NOWHERE) == before + 20
    assert await counted(pair, acquired) >= 1
    assert await counted(pair, 'crossdock_pool_in_use{pool="platform"}') == 0


async def test_counters_are_counters(pair: Service) -> None:
    """By their type, which names that end in _total promise."""
    async with pair.http() as http:
        text = (await http.get("/metrics")).text
    types = dict(re.findall(r"^# TYPE (\S+) (\w+)$", text, re.MULTILINE))
    assert {kind for name, kind in types.items() if name.endswith("_total")} == {"counter"}
    assert {types[f"crossdock_pool_{name}"] for name in ("in_use", "in_use_max", "waiting")} == {"gauge"}
    assert types["crossdock_pool_exhausted_total"] == "counter"


def test_who_dies_again_and_again_waits_longer_each_time() -> None:
    """Up to a limit; the first time not at all."""
    assert [delay_s_after(failures) for failures in range(1, 8)] == [0, 0.5, 1, 2, 4, 8, 16]
    assert delay_s_after(8) == delay_s_after(100) == DELAY_S_MAX


async def test_reload_is_for_development(settings: Settings) -> None:
    """By one process: both are refused in one line."""
    refused = await crossdock("serve", "--port", "0", "--reload", "--workers", "2", settings=settings)
    assert refused.is_one_line("--reload serves by one process, and 2 workers are wanted")
    refused = await crossdock("serve", "--port", "0", "--reload", settings=settings, CROSSDOCK_ENVIRONMENT="production")
    assert refused.is_one_line("--reload is refused in production")
