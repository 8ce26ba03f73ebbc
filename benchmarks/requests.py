"""What is asked: six endpoints, each with prepared requests over the whole world, the same for every contestant."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

import asyncpg
import orjson

from crossdock.clock import Clock
from crossdock.documents.page import encode_cursor
from freight.modules.accounts.api import Tokens
from freight.modules.accounts.service.signing_in.tokens import Claims

SEED = 20261121
PREPARED = 8_000
"""Requests of an endpoint; the load generator begins again at the end."""
TOKEN_TTL_S = 86_400


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who is signed in."""

    user_id: UUID
    session_id: UUID
    company_id: UUID
    company_kind: str
    role: str


@dataclass(frozen=True, slots=True)
class Request:
    """`by` signs it where it goes to the service; a peer, which knows nobody, gets `for_peer` added to the path."""

    method: str
    path: str
    by: Person
    body: bytes | None = None
    for_peer: str = ""


@dataclass(slots=True)
class Population:
    """Who and what there is in a world, as far as requests name it."""

    people: list[Person]
    newcomers: list[Person] = field(default_factory=list)
    """One in each company that has done nothing yet."""
    shipped: dict[UUID, list[UUID]] = field(default_factory=dict)
    """Shipper → its bookings, in the order of their ids."""
    carried: dict[UUID, list[UUID]] = field(default_factory=dict)
    """Carrier → the bookings that it won."""
    open: list[UUID] = field(default_factory=list)
    biddable: list[tuple[UUID, UUID]] = field(default_factory=list)
    """A pending bid of each open booking, and the shipper who may award it."""

    @classmethod
    async def read(cls, connection: asyncpg.Connection) -> "Population":
        population = cls([])
        for row in await connection.fetch("SELECT id, status, company_id, carrier_id FROM bookings ORDER BY id"):
            population.shipped.setdefault(row["company_id"], []).append(row["id"])
            if row["carrier_id"]:
                population.carried.setdefault(row["carrier_id"], []).append(row["id"])
            if row["status"] == "open":
                population.open.append(row["id"])
        busy = population.shipped.keys() | population.carried.keys()
        for row in await connection.fetch(PEOPLE):
            (population.people if row["company_id"] in busy else population.newcomers).append(Person(**row))
        population.biddable = [(row["id"], row["shipper_id"]) for row in await connection.fetch(BIDDABLE)]
        return population

    def of_kind(self, kind: str, *roles: str) -> list[Person]:
        return [person for person in self.people if person.company_kind == kind and (not roles or person.role in roles)]


PEOPLE = """
    SELECT s.user_id, s.id AS session_id, s.company_id, c.kind AS company_kind, u.role
    FROM sessions AS s JOIN users AS u ON u.id = s.user_id JOIN companies AS c ON c.id = s.company_id ORDER BY s.id
"""
BIDDABLE = """
    SELECT DISTINCT ON (w.booking_id) w.id, w.shipper_id FROM bids AS w JOIN bookings AS b ON b.id = w.booking_id
    WHERE w.status = 'pending' AND b.status = 'open' ORDER BY w.booking_id, w.id
"""


def read_one(world: Population, dice: random.Random) -> Iterator[Request]:
    """Any booking that the caller sees: a shipper its own, a carrier an open one or one that it won."""
    while True:
        person = dice.choice(world.people)
        seen = world.shipped.get(person.company_id) or dice.choice((world.open, world.carried[person.company_id]))
        yield Request("GET", f"/v1/bookings/{dice.choice(seen)}", person)


def read_nested(world: Population, dice: random.Random) -> Iterator[Request]:
    """A booking with all its bids and their carriers, for its shipper."""
    shippers = world.of_kind("shipper")
    while True:
        person = dice.choice(shippers)
        yield Request("GET", f"/v1/bookings/{dice.choice(world.shipped[person.company_id])}/overview", person)


def read_page(world: Population, dice: random.Random) -> Iterator[Request]:
    """50 bookings and their shippers, from anywhere in the list: to shippers of their own, to carriers of the open."""
    while True:
        person = dice.choice(world.people)
        own = world.shipped.get(person.company_id)
        path = f"/v1/bookings?limit=50&include=shipper&cursor={encode_cursor(dice.choice(own or world.open))}"
        if own:
            yield Request("GET", path, person, for_peer=f"&company_id={person.company_id}")
        else:
            yield Request("GET", f"{path}&status=open", person)


def create(world: Population, dice: random.Random) -> Iterator[Request]:
    """A draft of somebody's own company."""
    shippers = world.of_kind("shipper")
    while True:
        person, day = dice.choice(shippers), dice.randrange(1, 28)
        load = {
            "pickup": {
                "address": f"Kade {dice.randrange(200)}, 3199 Rotterdam, NL",
                "lat": round(dice.uniform(51, 52), 4),
                "lon": round(dice.uniform(4, 5), 4),
                "ready_at": f"2035-05-{day:02}T08:00:00Z",
            },
            "dropoff": {
                "address": f"Hafenstrasse {dice.randrange(200)}, 47119 Duisburg, DE",
                "lat": round(dice.uniform(51, 52), 4),
                "lon": round(dice.uniform(6, 7), 4),
                "due_at": f"2035-05-{day + 1:02}T16:00:00Z",
            },
            "weight_kg": dice.randrange(500, 1500),
            "price_ceiling": {"amount_minor": dice.randrange(50_000, 250_000), "currency": "EUR"},
            "equipment": dice.choice(("van", "box_truck", "curtainsider", "reefer", "flatbed")),
        }
        yield Request("POST", "/v1/bookings", person, orjson.dumps(load), f"?company_id={person.company_id}")


def award(world: Population, dice: random.Random) -> Iterator[Request]:
    """A bid of each open booking, once, by a manager of its shipper."""
    managers: dict[UUID, list[Person]] = {}
    for person in world.of_kind("shipper", "manager", "admin"):
        managers.setdefault(person.company_id, []).append(person)
    for bid_id, shipper_id in dice.sample(world.biddable, len(world.biddable)):
        yield Request("POST", f"/v1/bids/{bid_id}/award", dice.choice(managers[shipper_id]))


def transfer(world: Population, dice: random.Random) -> Iterator[Request]:
    """Money from outside into a shipper's wallet: all of it out of one account, which everybody locks in turn."""
    managers = world.of_kind("shipper", "manager", "admin")
    while True:
        person = dice.choice(managers)
        body = orjson.dumps({"amount": {"amount_minor": dice.randrange(1, 100_000), "currency": "EUR"}})
        yield Request("POST", "/v1/ledger/deposits", person, body, f"?company_id={person.company_id}")


@dataclass(frozen=True, slots=True)
class Endpoint:
    """`writes`: the answers hold new ids and times. `once`: a request works once, as a bid is awarded once."""

    name: str
    heading: str
    title: str
    requests: Callable[[Population, random.Random], Iterator[Request]]
    writes: bool = False
    once: bool = False

    def prepare(self, world: Population) -> list[Request]:
        """The same requests each time for the same world."""
        prepared = self.requests(world, random.Random(f"{SEED} {self.name}"))
        return list(prepared) if self.once else [next(prepared) for _ in range(PREPARED)]


ENDPOINTS = {
    endpoint.name: endpoint
    for endpoint in (
        Endpoint("one", "one row", "one booking", read_one),
        Endpoint("nested", "nested", "a booking with its bids and their carriers", read_nested),
        Endpoint("page", "page of 50", "50 bookings with their shipper", read_page),
        Endpoint("create", "create", "create a booking", create, writes=True),
        Endpoint("award", "award", "award a bid", award, writes=True, once=True),
        Endpoint("transfer", "transfer", "a ledger transfer", transfer, writes=True),
    )
}


@dataclass(frozen=True, slots=True)
class Passport:
    """Signs the people's tokens, with the secret that the service is given."""

    secret: str = field(repr=False)
    _signed: dict[UUID, str] = field(default_factory=dict, repr=False)

    def token(self, person: Person) -> str:
        if person.session_id not in self._signed:
            tokens = Tokens(self.secret, TOKEN_TTL_S, TOKEN_TTL_S)
            claims = Claims(person.user_id, person.session_id, person.company_id)
            self._signed[person.session_id] = tokens.sign(claims, Clock().now())
        return self._signed[person.session_id]


def on_the_wire(requests: list[Request], passport: Passport | None) -> list[bytes]:
    """The bytes of requests, for a load generator that sends them as they are; as `write_requests` for who."""
    raw = []
    for request in requests:
        head = [f"{request.method} {_target(request, passport)} HTTP/1.1", "Host: localhost"]
        if passport:
            head.append(f"Authorization: Bearer {passport.token(request.by)}")
        if request.body is not None:
            head += ["Content-Type: application/json", f"Content-Length: {len(request.body)}"]
        raw.append("\r\n".join([*head, "", ""]).encode() + (request.body or b""))
    return raw


def write_requests(path: Path, requests: list[Request], passport: Passport | None) -> None:
    """The file that play.lua reads. Signed for the service; for the peers without `passport`."""
    with path.open("w") as file:
        for request in requests:
            token = passport.token(request.by) if passport else "-"
            body = request.body.decode() if request.body else "-"
            file.write(f"{request.method}\t{_target(request, passport)}\t{token}\t{body}\n")


def _target(request: Request, passport: Passport | None) -> str:
    """A peer signs nobody in, and is told by the query what it would know of the caller."""
    return request.path if passport else request.path + request.for_peer
