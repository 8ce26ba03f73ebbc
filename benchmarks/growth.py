"""How the page read grows with the number of bookings: for companies with many of them, and for some with none."""

import random
from collections.abc import Iterable
from uuid import UUID

from benchmarks.bench import Bench, Tell
from benchmarks.contestants import NEW
from benchmarks.pace import one_by_one
from benchmarks.requests import SEED, Person, Population, Request, on_the_wire
from benchmarks.results import Latency
from crossdock.documents.page import LIMIT_DEFAULT, encode_cursor

SIZES = (1_000, 10_000, 100_000, 1_000_000)
SIZES_QUICKLY = SIZES[::2]
"""The world of a million takes minutes to make."""
SECONDS = 3
WARM_UP_S = 1
ASKED = 100
PATH = f"/v1/bookings?limit={LIMIT_DEFAULT}&include=shipper"


def measure_growth(bench: Bench, tell: Tell) -> dict[str, Latency]:
    """Whose page → its latency, in the world that the bench has."""
    found = {}
    with bench.copy("growth") as database, bench.start(NEW, database) as serving:
        for name, requests in cases(bench.population).items():
            raw = on_the_wire(requests, bench.passport)
            one_by_one(serving.url, raw, WARM_UP_S)
            found[name] = latency = one_by_one(serving.url, raw, SECONDS)
            tell(f"{name} of {bench.bookings:,}: p50 {latency.p50_ms:.2f} ms, p99 {latency.p99_ms:.2f} ms")
    return found


def cases(world: Population) -> dict[str, list[Request]]:
    """Every page is full, but for the new shipper's: there is nothing that it may see."""
    dice = random.Random(SEED)
    shippers, carriers = world.of_kind("shipper"), world.of_kind("carrier")
    own = {shipper: bookings[LIMIT_DEFAULT:] for shipper, bookings in world.shipped.items()}
    anywhere = [(person, dice.choice(own[person.company_id])) for person in dice.choices(shippers, k=ASKED)]
    return {
        "a shipper's newest": _newest(shippers),
        "a shipper's, from anywhere": [_after(person, cursor) for person, cursor in anywhere],
        "a carrier's newest": _newest(carriers),
        "a new carrier's": _newest(person for person in world.newcomers if person.company_kind == "carrier"),
        "a new shipper's": _newest(person for person in world.newcomers if person.company_kind == "shipper"),
    }


def _newest(people: Iterable[Person]) -> list[Request]:
    return [Request("GET", PATH, person) for person in people]


def _after(person: Person, booking_id: UUID) -> Request:
    return Request("GET", f"{PATH}&cursor={encode_cursor(booking_id)}", person)
