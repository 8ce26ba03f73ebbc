"""What traffic feels of revisions that go up and down beside it: no request fails, and each lock is told."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from crossdock.migrations.preview.trace import Trace, in_words
from crossdock.sql.modes import Mode
from tests.acceptance.process import Service
from tests.migrations.fixtures import with_one_login
from tests.migrations.scene import Scene
from tests.waiting import until
from tests.world import World

CHAINS = ("aerich", "alembic")
ALONE = ("CREATE INDEX CONCURRENTLY i_more ON bids (created_at);", "DROP INDEX CONCURRENTLY i_more;")


async def test_traffic_goes_on(deployed: Scene, tmp_path: Path) -> None:
    """What came after the last release goes up under the requests that its service answers, reads and writes, and a
    column and an index go up and down: no request fails. It is told which locks were held, for how long, and how long
    the requests waited for them."""
    scene = deployed
    last = {chain: [key for key in scene.project.revision_keys() if key.startswith(chain)][-1] for chain in CHAINS}
    service = Service(with_one_login(scene.settings), code=tmp_path / "release" / "src")
    await service.start()
    try:
        async with traffic(World(base_url=service.url)) as answers, Trace.on(scene.settings.direct) as trace:
            await scene.runner.up(watch=trace)
            scene.project.add_aerich("ALTER TABLE bids ADD COLUMN more int;", "ALTER TABLE bids DROP COLUMN more;")
            scene.project.add_alembic(*ALONE, alone=True)
            await scene.runner.up(watch=trace)
            await until(lambda: len(answers) > 50)
            for chain in CHAINS:
                await scene.runner.down(target=last[chain], watch=trace)
            answers_before = len(answers)
            await until(lambda: len(answers) > answers_before + 50)
    finally:
        await service.stop()
    print("\n".join(in_words(lock) for lock in trace.taken))
    assert [answer for answer in answers if answer >= 400] == []
    assert {lock.table for lock in trace.taken if lock.mode is Mode.ACCESS_EXCLUSIVE} >= {"bids"}


@asynccontextmanager
async def traffic(world: World) -> AsyncIterator[list[int]]:
    """Requests that read and write without a pause; the status of each answer."""
    shipper, carrier = await world.shipper(), await world.carrier()
    answers: list[int] = []

    async def deal() -> None:
        while True:
            booking = await world.open_booking(shipper)
            answers.append(201)
            await world.bid(carrier, booking)
            answers.append(201)

    async def read() -> None:
        while True:
            answers.append((await carrier.http.get("/v1/bookings", params={"status": "open"})).status_code)
            answers.append((await shipper.http.get("/v1/ledger/accounts")).status_code)

    running = [asyncio.create_task(work()) for work in (deal, deal, read, read)]
    try:
        yield answers
    finally:
        for task in running:
            task.cancel()
        ended = await asyncio.gather(*running, return_exceptions=True)
        failures = [str(end) for end in ended if not isinstance(end, asyncio.CancelledError)]
        assert failures == []
