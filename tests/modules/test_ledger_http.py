"""The ledger over HTTP: deposits, and what each company reads of the books."""

import asyncio
from typing import Any
from uuid import UUID

import pytest

from crossdock.ids import new_id
from crossdock.transaction import Database
from freight.modules.ledger import service
from freight.modules.ledger.schemas import AccountPage, EntryPage, TransferOut
from freight.money import MAX_AMOUNT_MINOR
from tests.modules.ledger import do, eur, hold, reference
from tests.world import PASSWORD, Person, World, money, ok, unique

DEPOSITS, ACCOUNTS = "/v1/ledger/deposits", "/v1/ledger/accounts"


async def account(person: Person, kind: str = "wallet") -> dict[str, Any]:
    """A company's account of a kind."""
    items: list[dict[str, Any]] = ok(await person.http.get(ACCOUNTS))["items"]
    return next(item for item in items if item["kind"] == kind)


async def settled(database: Database, shipper: Person, carrier: Person) -> str:
    """1,000.00 EUR held and paid. Returns the settlement's reference."""
    held = await hold(database, UUID(shipper.company_id), eur(100_000))
    name = reference("settlement")
    parties = {"payer_id": UUID(shipper.company_id), "payee_id": UUID(carrier.company_id)}
    await do(database, service.settle, held.id, reference=name, **parties)
    return name


async def test_a_deposit_is_in_the_wallet(world: World) -> None:
    """201 with the transfer, its address in Location, and the money in the account."""
    shipper = await world.register("shipper")
    response = await shipper.http.post(DEPOSITS, json={"amount": money(500_000)})
    made = ok(response, 201)
    assert (made["kind"], made["status"], made["posted"]) == ("deposit", "posted", money(500_000))
    assert ok(await shipper.http.get(response.headers["location"])) == made
    wallet = await account(shipper)
    assert (wallet["id"], wallet["available"], wallet["version"]) == (made["credit_account_id"], money(500_000), 1)


async def test_two_deposits_are_two(world: World) -> None:
    """Without a key each call is a deposit of its own; with one key, both are one, to the byte of the answer."""
    shipper = await world.register("shipper")
    body, key = {"amount": money(100)}, {"Idempotency-Key": "again"}
    await asyncio.gather(*(shipper.http.post(DEPOSITS, json=body) for _ in range(2)))
    first, second = [await shipper.http.post(DEPOSITS, json=body, headers=key) for _ in range(2)]
    assert (first.status_code, first.content) == (201, second.content)
    assert (await account(shipper))["posted"] == money(300)


async def test_an_employee_may_read_and_not_deposit(world: World) -> None:
    """Money is for managers and admins: 403, and nothing is written."""
    admin = await world.shipper(funds_minor=700)
    people = {}
    for role in ("employee", "manager"):
        email = f"{unique(role)}@people.example"
        body = {"name": "Bo", "email": email, "password": PASSWORD, "role": role}
        user = ok(await admin.http.post("/v1/users", json=body), 201)
        people[role] = await world.sign_in(email, admin.company_id, user["id"])
    response = await people["employee"].http.post(DEPOSITS, json={"amount": money(1)})
    assert (response.status_code, response.json()["code"]) == (403, "role_too_low")
    assert (await account(people["employee"]))["posted"] == money(700)
    ok(await people["manager"].http.post(DEPOSITS, json={"amount": money(1)}), 201)


@pytest.mark.parametrize("amount_minor", [0, -1, 1.5, 1.0, "5", True, None, MAX_AMOUNT_MINOR + 1, 2**63, 10**400])
async def test_what_is_no_amount_is_refused(world: World, amount_minor: Any) -> None:
    """422 with the field's path, and no account is made."""
    shipper = await world.register("shipper")
    response = await shipper.http.post(DEPOSITS, json={"amount": {"amount_minor": amount_minor, "currency": "EUR"}})
    assert response.status_code == 422
    assert response.json()["errors"][0]["path"].startswith("body.amount")
    assert ok(await shipper.http.get(ACCOUNTS))["items"] == []


async def test_the_answers_are_as_documented(world: World, database: Database) -> None:
    """Every document that PostgreSQL makes fits its schema, to the name and the type."""
    shipper, carrier = await world.shipper(), await world.carrier()
    await settled(database, shipper, carrier)
    pending = await hold(database, UUID(shipper.company_id), eur(5))
    for person in (shipper, carrier):
        page = AccountPage.model_validate_json((await person.http.get(ACCOUNTS)).content, strict=True)
        assert page.items
        for item in page.items:
            entries = await person.http.get(f"{ACCOUNTS}/{item.id}/entries")
            for entry in EntryPage.model_validate_json(entries.content, strict=True).items:
                transfer = await person.http.get(f"/v1/ledger/transfers/{entry.transfer_id}")
                assert TransferOut.model_validate_json(transfer.content, strict=True).id == entry.transfer_id
    shown = ok(await shipper.http.get(f"/v1/ledger/transfers/{pending.id}"))
    assert (shown["status"], shown["posted"], shown["resolved_at"]) == ("pending", None, None)


async def test_both_sides_read_a_settlement(world: World, database: Database) -> None:
    """Shipper and carrier see the payment, the shipper and the platform the fee, and a third company nothing."""
    shipper, carrier, stranger = await world.shipper(), await world.carrier(), await world.shipper()
    name = await settled(database, shipper, carrier)
    held = await account(shipper, "held")
    entries = ok(await shipper.http.get(f"{ACCOUNTS}/{held['id']}/entries"))["items"]
    assert [(entry["transfer_kind"], entry["amount"]) for entry in entries] == [
        ("fee", money(-5_000)),
        ("settlement", money(-95_000)),
        ("hold", money(100_000)),
    ]
    fee, settlement, _ = (f"/v1/ledger/transfers/{entry['transfer_id']}" for entry in entries)
    assert ok(await carrier.http.get(settlement)) == ok(await shipper.http.get(settlement))
    assert ok(await carrier.http.get(settlement))["reference"] == name
    assert (await carrier.http.get(fee)).status_code == 404
    for path in (fee, settlement, f"{ACCOUNTS}/{held['id']}/entries"):
        assert (await stranger.http.get(path)).status_code == 404
    assert (await account(carrier))["posted"] == money(95_000)


async def test_the_other_sides_account_is_not_ours_to_read(world: World, database: Database) -> None:
    """Its id is in the transfer, and leads nowhere: 404, as for one that does not exist."""
    shipper, carrier = await world.shipper(), await world.carrier()
    await settled(database, shipper, carrier)
    wallet = await account(shipper)
    for account_id in (wallet["id"], new_id()):
        response = await carrier.http.get(f"{ACCOUNTS}/{account_id}/entries")
        assert (response.status_code, response.json()["code"]) == (404, "not_found")


async def test_entries_are_paged_newest_first(world: World) -> None:
    """Page by page each entry comes once, in the order of its number, also when more come in between."""
    shipper = await world.register("shipper")
    for amount in range(1, 8):
        ok(await shipper.http.post(DEPOSITS, json={"amount": money(amount)}), 201)
    path, versions, cursor = f"{ACCOUNTS}/{(await account(shipper))['id']}/entries", [], None
    while True:
        page = ok(await shipper.http.get(path, params={"limit": 3} | ({"cursor": cursor} if cursor else {})))
        versions += [entry["account_version"] for entry in page["items"]]
        ok(await shipper.http.post(DEPOSITS, json={"amount": money(100)}), 201)
        cursor = page["next_cursor"]
        if cursor is None:
            break
    assert versions == [7, 6, 5, 4, 3, 2, 1]


async def test_accounts_are_paged(world: World) -> None:
    """Oldest first, each once."""
    shipper = await world.register("shipper")
    for currency in ("EUR", "PLN", "CZK"):
        ok(await shipper.http.post(DEPOSITS, json={"amount": money(1, currency)}), 201)
    first = ok(await shipper.http.get(ACCOUNTS, params={"limit": 2}))
    second = ok(await shipper.http.get(ACCOUNTS, params={"limit": 2, "cursor": first["next_cursor"]}))
    assert [item["currency"] for item in first["items"] + second["items"]] == ["EUR", "PLN", "CZK"]
    assert second["next_cursor"] is None


async def test_a_cursor_of_another_list_is_refused(world: World) -> None:
    """A cursor that this account's entries did not give out is 422, not an empty page that looks like the end."""
    shipper = await world.shipper()
    wallet = await account(shipper)
    response = await shipper.http.get(f"{ACCOUNTS}/{wallet['id']}/entries", params={"cursor": "A" * 22})
    assert (response.status_code, response.json()["code"]) == (422, "wrong_cursor")


async def test_nobody_reads_without_signing_in(world: World) -> None:
    """401 on every route."""
    async with world.client() as http:
        for path in (ACCOUNTS, f"{ACCOUNTS}/{new_id()}/entries", f"/v1/ledger/transfers/{new_id()}"):
            assert (await http.get(path)).status_code == 401
        assert (await http.post(DEPOSITS, json={"amount": money(1)})).status_code == 401
