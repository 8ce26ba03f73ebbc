"""A module, or all of them, read-only: writes are refused in a way that a client understands, and reads go on."""

import asyncio

import pytest
from structlog.testing import CapturingLogger

from crossdock import jobs as periodic
from crossdock.cutover.operating import Operations
from crossdock.errors import ReadOnly
from crossdock.jobs import one_by_one
from crossdock.stages import EVERYTHING
from crossdock.tenancy import Platform
from crossdock.transaction import Database
from freight.modules.accounts.store import AccountStore
from tests.cutover.scene import MODULE, heard
from tests.modules.accounts import change_password, refused, registration, try_sign_in
from tests.waiting import until
from tests.world import Person, World, load, ok


@pytest.fixture
async def shipper(service: World) -> Person:
    return await service.register("shipper")


async def test_writes_are_refused_and_reads_go_on(shipper: Person, served: Database, operator: Operations) -> None:
    """503 with the code, the reason and how long to wait; a write of another module is done; then all is as before."""
    booking = ok(await shipper.http.post("/v1/bookings", json=load()), 201)
    await heard(served, await operator.read_only(MODULE, on=True, reason="the tables are handed over"))
    response = await shipper.http.post("/v1/bookings", json=load())
    problem = refused(response, 503, "read_only")
    assert "the tables are handed over" in problem["detail"]
    assert response.headers["content-type"] == "application/problem+json"
    assert response.headers["retry-after"] == str(ReadOnly.retry_after_s)
    refused(await shipper.http.post(f"/v1/bookings/{booking['id']}/publish"), 503, "read_only")
    assert ok(await shipper.http.get(f"/v1/bookings/{booking['id']}"))["status"] == "draft"
    assert len(ok(await shipper.http.get("/v1/bookings"))["items"]) == 1
    ok(await shipper.http.post("/v1/teams", json={"name": "Dispatch"}), 201)
    await heard(served, await operator.read_only(MODULE, on=False))
    ok(await shipper.http.post(f"/v1/bookings/{booking['id']}/publish"))


async def test_a_refused_write_does_not_use_its_key_up(shipper: Person, served: Database, operator: Operations) -> None:
    """The client sends it again with the same Idempotency-Key, as it is told to, and it is done once."""
    headers = {"Idempotency-Key": "patience"}
    await heard(served, await operator.read_only(EVERYTHING, on=True))
    refused(await shipper.http.post("/v1/bookings", json=load(), headers=headers), 503, "read_only")
    await heard(served, await operator.read_only(EVERYTHING, on=False))
    body = load()
    first = await shipper.http.post("/v1/bookings", json=body, headers=headers)
    assert ok(first, 201) == ok(await shipper.http.post("/v1/bookings", json=body, headers=headers), 201)


async def test_who_reads_can_sign_in_while_everything_is_read_only(
    service: World, shipper: Person, served: Database, operator: Operations
) -> None:
    """Sign-in, the next tokens and signing out go on, since reads without them would end with the access token. All
    other writes of accounts are refused."""
    await heard(served, await operator.read_only(EVERYTHING, on=True))
    again = await service.sign_in(shipper.email, shipper.company_id, shipper.user_id)
    async with service.client() as http:
        ok(await http.post("/v1/auth/refresh", json={"refresh_token": again.refresh_token}))
        refused(await http.post("/v1/auth/register", json=registration()), 503, "read_only")
    assert ok(await again.http.get("/v1/bookings"))["items"] == []
    refused(await try_sign_in(service, shipper.email, "a wrong one"), 401, "wrong_credentials")
    refused(await again.http.post("/v1/teams", json={"name": "Dispatch"}), 503, "read_only")
    refused(await change_password(again, "a better horse battery"), 503, "read_only")
    ok(await again.http.post("/v1/auth/logout"), 204)
    refused(await again.http.get("/v1/me"), 401, "unauthenticated")


async def test_nobody_signs_in_while_accounts_is_read_only(
    service: World, shipper: Person, served: Database, operator: Operations
) -> None:
    """A module that is named is left alone altogether. Who is signed in reads on."""
    await heard(served, await operator.read_only("accounts", on=True))
    refused(await try_sign_in(service, shipper.email), 503, "read_only")
    ok(await shipper.http.get("/v1/me"))
    ok(await shipper.http.post("/v1/bookings", json=load()), 201)


async def test_no_transaction_begins_while_everything_is_read_only(served: Database, operator: Operations) -> None:
    """Also of code that has no stores. One that reading needs says so."""
    await heard(served, await operator.read_only(EVERYTHING, on=True, reason="a new server"))
    with pytest.raises(ReadOnly, match="a new server"):
        served.transaction(Platform("test"))
    async with served.transaction(Platform("test"), while_read_only=True) as tx:
        assert await tx.store(AccountStore).throttles([]) == []
    async with served.reading(Platform("test")) as unit:
        assert (await unit.first("SELECT 1 AS one", ()))["one"] == 1


async def test_a_job_waits_and_says_so_once(
    served: Database, operator: Operations, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One line, however many turns it has to wait; afterwards it works again."""
    turns: list[str] = []

    async def work(served: Database) -> int:
        turns.append("begun")
        async with served.transaction(Platform("a job")):
            turns.append("done")
        return 0

    log = CapturingLogger()
    monkeypatch.setattr(periodic, "log", log)
    await heard(served, await operator.read_only(EVERYTHING, on=True, reason="a new server"))
    task = asyncio.create_task(periodic._repeat("work", 0.001, work, served))
    await until(lambda: turns.count("begun") > 3)
    assert [(call.method_name, call.args[0]) for call in log.calls] == [("info", "job_waits")]
    assert "a new server" in log.calls[0].kwargs["reason"]
    await heard(served, await operator.read_only(EVERYTHING, on=False))
    await until(lambda: "done" in turns)
    task.cancel()


async def test_a_run_over_many_rows_ends_at_the_first() -> None:
    """The others could not be done either, and would be a line of the log each."""
    tried = []

    async def refuse(each: object) -> bool:
        tried.append(each)
        raise ReadOnly("bids")

    async def find(_: object) -> list[str]:
        return ["one", "two"]

    with pytest.raises(ReadOnly):
        await one_by_one("job", find, refuse)  # type: ignore[arg-type]
    assert tried == ["one"]
