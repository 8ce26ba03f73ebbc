"""A worker's process, once its app has started."""

import asyncio
import sys

from crossdock.kernel.config import Settings
from tests.acceptance.process import environment

LOOKED_AT = """
import asyncio, gc
from crossdock.cli.worker import make_app

async def main():
    app = make_app()
    async with app.router.lifespan_context(app):
        print(gc.get_freeze_count(), len(gc.get_objects()))

asyncio.run(main())
"""


async def test_what_stays_is_no_longer_looked_through(settings: Settings) -> None:
    """A full garbage collection, in which every request waits, has little to look at."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", LOOKED_AT, env=environment(settings), stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    frozen, left = map(int, (await process.stdout.read()).split())
    assert await process.wait() == 0
    assert frozen > 100_000
    assert left < frozen / 100
