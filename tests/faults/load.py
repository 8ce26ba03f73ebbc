"""Clients that book loads, bid for them and deal, at a service whose workers may be killed meanwhile. Each knows what
should have become of its bookings."""

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx

from crossdock.config.settings import Settings
from crossdock.ids import new_text_id
from tests.invariants import ledger_violations
from tests.invariants_marketplace import marketplace_violations
from tests.waiting import until
from tests.world import PATIENT_S, Person, Server, World, in_hours, load, money

BID_MINOR = 90_000
FUNDS_MINOR = 10**12
REFUSED = 503
PAUSE_S = 0.02
"""Between two tries at a service that refuses, which would have nothing else to do."""
LIMITS = httpx.Limits(max_keepalive_connections=1, keepalive_expiry=1)
"""A connection that lies idle may be closed by the service at the moment that it is used again."""
CUT = (httpx.ReadError, httpx.WriteError, httpx.RemoteProtocolError, httpx.ConnectError)


@dataclass(slots=True)
class Traffic:
    """What all clients share. A request that was cut off counts as the fault's where it overlapped with one: `faults`
    are those that have begun, `is_faulty` says that one lasts. `may_refuse`: such a fault is the database's, so the
    service answers with 503 and does nothing, or says that it does not know what became of the request."""

    may_refuse: bool = False
    answered: int = 0
    cut: int = 0
    faults: int = 0
    is_faulty: bool = False
    is_over: bool = False

    async def more(self, requests: int) -> None:
        """Waits until so many more were answered."""
        wanted = self.answered + requests
        await until(lambda: self.answered >= wanted)

    @asynccontextmanager
    async def fault(self) -> AsyncIterator[None]:
        """Whoever is cut off in the block may put it down to what is done there."""
        self.faults, self.is_faulty = self.faults + 1, True
        yield
        self.is_faulty = False


@dataclass(slots=True)
class Expected:
    """A booking as its client left it."""

    status: str = "draft"
    version: int = 1

    def become(self, status: str) -> None:
        self.status, self.version = status, self.version + 1


@dataclass(slots=True)
class Client:
    """One shipper's and one carrier's program: one request after the other, each of which must be answered as it would
    be if nothing moved and nobody died."""

    traffic: Traffic
    world: World
    shipper: Person
    carrier: Person
    random: random.Random
    bookings: dict[str, Expected] = field(default_factory=dict)

    async def run(self) -> None:
        """Until the traffic is over."""
        async with httpx.AsyncClient(
            base_url=self.world.base_url, limits=LIMITS, timeout=PATIENT_S, trust_env=False
        ) as connection:
            http = Requests(self.traffic, connection)
            while not self.traffic.is_over:
                await self.deal(http)

    async def deal(self, http: "Requests") -> None:
        """A load on one of its ways."""
        made, _ = await http.send(self.shipper, "POST", "/v1/bookings", 201, json=load(), key=new_text_id())
        path, known = f"/v1/bookings/{made['id']}", Expected()
        self.bookings[made["id"]] = known
        await self.change(http, path, known)
        await self.publish(http, path, known)
        body = {"amount": money(BID_MINOR), "pickup_eta": in_hours(24)}
        bid, _ = await http.send(self.carrier, "POST", f"{path}/bids", 201, json=body, key=new_text_id())
        await self.end(http, path, known, f"/v1/bids/{bid['id']}")
        await self.read(http, path, known)

    async def change(self, http: "Requests", path: str, known: Expected) -> None:
        """Where the answer to the first try was lost, the second one finds that its ETag is stale."""
        etag = {"If-Match": f'"{known.version}"'}
        weight_kg = self.random.randint(1, 20_000)
        await http.send(self.shipper, "PATCH", path, 200, late=412, json={"weight_kg": weight_kg}, headers=etag)
        known.become("draft")
        read = await self.read(http, path, known)
        assert read["weight_kg"] == weight_kg

    async def publish(self, http: "Requests", path: str, known: Expected) -> None:
        """Twice at once: it is done once, and refused once."""
        both = [http.send(self.shipper, "POST", f"{path}/publish", 200, 409) for _ in range(2)]
        answers = await asyncio.gather(*both)
        if not any(was_late for _, was_late in answers):
            assert sorted("status" in answer and answer["status"] == "open" for answer, _ in answers) == [False, True]
        known.become("open")
        await self.read(http, path, known)

    async def end(self, http: "Requests", path: str, known: Expected, bid: str) -> None:
        """One of the ways that an open booking may go, or none of them."""
        steps = self.random.choice(
            [
                [],
                [(self.shipper, f"{path}/cancel", "cancelled")],
                [(self.shipper, f"{bid}/award", "awarded")],
                [(self.shipper, f"{bid}/award", "awarded"), (self.carrier, f"{bid}/accept", "covered")],
                [(self.shipper, f"{bid}/award", "awarded"), (self.carrier, f"{bid}/decline", "open")],
                [(self.shipper, f"{bid}/award", "awarded"), (self.shipper, f"{path}/cancel", "cancelled")],
            ]
        )
        for person, step, status in steps:
            await http.send(person, "POST", step, 200, late=409)
            known.become(status)

    async def read(self, http: "Requests", path: str, known: Expected) -> Any:
        """It is there as it was left, and its company's list has it."""
        found, _ = await http.send(self.shipper, "GET", path, 200)
        assert found["status"] == known.status, (path, found, known)
        page, _ = await http.send(self.shipper, "GET", f"/v1/bookings?status={known.status}&limit=20", 200)
        assert page["next_cursor"] or found in page["items"], (path, found, known)
        return found


@dataclass(slots=True)
class Requests:
    """Sends each until it is answered."""

    traffic: Traffic
    http: httpx.AsyncClient

    async def send(
        self, person: Person, method: str, path: str, *statuses: int, late: int = 0, key: str = "", **more: Any
    ) -> tuple[Any, bool]:
        """The body of the answer, and whether an earlier one was lost: then `late` is as good as the others."""
        headers = {"Authorization": person.http.headers["Authorization"]} | more.pop("headers", {})
        if key:
            headers["Idempotency-Key"] = key
        was_late = False
        while True:
            began = self.traffic.faults
            might_be_cut = self.traffic.is_faulty
            try:
                answer = await self.http.request(method, path, headers=headers, **more)
            except CUT as error:
                assert might_be_cut or self.traffic.faults > began, f"nobody was killed: {method} {path} {error!r}"
                self.traffic.cut += 1
                was_late = True
                continue
            if self.traffic.may_refuse and answer.status_code == REFUSED:
                assert might_be_cut or self.traffic.faults > began, f"nothing was cut: {method} {path} {answer.text}"
                self.traffic.cut += 1
                was_late = True
                await asyncio.sleep(PAUSE_S)
                continue
            wanted = (*statuses, late) if was_late else statuses
            assert answer.status_code in wanted, f"{method} {path}: {answer.status_code} {answer.text}"
            self.traffic.answered += 1
            return answer.json(), was_late


@dataclass(frozen=True, slots=True)
class Crowd:
    """How many there are, and what their dice begin with."""

    clients: int
    shippers: int
    carriers: int
    seed: int


@asynccontextmanager
async def loaded(worlds: Sequence[World], traffic: Traffic, crowd: Crowd) -> AsyncIterator[list[Client]]:
    """All clients at work until the block ends, each at one of the services. What one of them finds wrong ends it
    too."""
    shippers = await asyncio.gather(*(worlds[0].shipper(FUNDS_MINOR) for _ in range(crowd.shippers)))
    carriers = await asyncio.gather(*(worlds[0].carrier() for _ in range(crowd.carriers)))
    clients = [
        Client(
            traffic,
            worlds[n % len(worlds)],
            shippers[n % crowd.shippers],
            carriers[n % crowd.carriers],
            random.Random(f"{crowd.seed}/client {n}"),
        )
        for n in range(crowd.clients)
    ]
    async with asyncio.TaskGroup() as running:
        for client in clients:
            running.create_task(client.run())
        yield clients
        traffic.is_over = True


async def nothing_is_lost(server: Server, settings: Settings, clients: list[Client]) -> None:
    """Each booking is as its client left it, there are no others, and every invariant holds."""
    connection = await server.connect(settings.direct.database)
    rows = await connection.fetch("SELECT id, status, version FROM bookings")
    found = {str(row["id"]): (row["status"], row["version"]) for row in rows}
    expected = {id: (known.status, known.version) for client in clients for id, known in client.bookings.items()}
    wrong = {id: (found.get(id), expected.get(id)) for id in found.keys() | expected.keys()}
    assert {id: each for id, each in wrong.items() if each[0] != each[1]} == {}
    assert await marketplace_violations(connection) == []
    assert await ledger_violations(connection) == []
    await connection.close()
