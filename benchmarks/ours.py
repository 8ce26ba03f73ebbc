"""The service with its bookings on Tortoise, as they were before their move: `python -m benchmarks.ours 8001 1`.

Run as `crossdock serve` runs it, and the same in everything else.
"""

import sys

from starlette.types import ASGIApp

from crossdock.cli.serve import worker
from crossdock.cli.serve.listening import bound, listen
from crossdock.logging import configure
from crossdock.registry import Orm, Registry, load_settings
from freight.modules.bookings.store import BookingStore


def modules() -> Registry:
    """As they are, but for bookings, which have kept their store on Tortoise for the way back."""
    return Registry.found().answered_by(BookingStore, Orm.TORTOISE)


def make_app() -> ASGIApp:
    """The app of one worker."""
    return worker.make_app(modules())


def main(port: int, workers: int) -> None:
    settings = load_settings(workers=workers)
    configure(settings.log)
    with bound("127.0.0.1", port) as listener:
        listen(listener)
        worker.run(settings, listener, "benchmarks.ours:make_app")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
