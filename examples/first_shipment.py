"""From two strangers to a settled shipment, over HTTP: run it against a service, or let it start one.

    python examples/first_shipment.py [--url http://127.0.0.1:8000]

Each run has names of its own, and checks what it says. Exit status 1, with one line, when something is off.
"""

import argparse
import hashlib
import itertools
import secrets
import sys
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from marketplace import Company, Off, check, minor, service, shown

DEPOSIT, CEILING, PRICE, RIVAL_PRICE = "5000.00", "1400.00", "1250.00", "1310.00"
ROTTERDAM, DUISBURG = {"lat": 51.9512, "lon": 4.0301}, {"lat": 51.4519, "lon": 6.7312}


def main() -> int:
    """Plays the story once."""
    parser = argparse.ArgumentParser(description="The main job of Crossdock, step by step, over HTTP.")
    parser.add_argument("--url", help="a running service; by default the usual one, or one that is started")
    try:
        with service(parser.parse_args().url) as url:
            say(f"Talking to {url}")
            play(url)
    except (Off, httpx.HTTPError) as error:
        print(f"first_shipment: {error}", file=sys.stderr)
        return 1
    return 0


def play(url: str) -> None:
    """The whole story, in the order in which it happens."""
    shipper, carrier, rival, outsider = cast(url)
    deposit(shipper)
    booking = book(shipper)
    winner, loser = bid(carrier, rival, booking)
    award(shipper, booking, winner)
    shipment = accept(carrier, rival, booking, winner, loser)
    drive(carrier, shipment)
    prove(carrier, shipment)
    settle(shipper, carrier, booking, shipment)
    read_ledgers(shipper, carrier)
    look_in(outsider, booking, winner, shipment)
    say("That was all of it: booked, carried, proven, paid.")


def cast(url: str) -> tuple[Company, ...]:
    """Four companies that have never been here before."""
    run = secrets.randbelow(9_000_000) + 1_000_000
    word = secrets.choice(["Alder", "Birch", "Cedar", "Dune", "Elm", "Fjord"])
    companies = (
        Company.register(url, f"{word} Foods {run}", "shipper", "Nora"),
        Company.register(url, f"{word} Haulage {run}", "carrier", "Harm"),
        Company.register(url, f"{word} Trucking {run}", "carrier", "Ruth"),
        Company.register(url, f"{word} Onlookers {run}", "both", "Otto"),
    )
    for company in companies:
        say(f"{company.name} registers ({company.kind}) and signs in.")
    return companies


def deposit(shipper: Company) -> None:
    shipper.post("/v1/ledger/deposits", {"amount": minor(DEPOSIT)}, 201)
    wallet = balance(shipper, "wallet")
    say(f"{shipper.name} deposits {shown(minor(DEPOSIT))}; its wallet has {shown(wallet['available'])} available.")
    check(wallet["available"] == minor(DEPOSIT), "The wallet does not hold what was deposited.")


def book(shipper: Company) -> dict[str, Any]:
    """A draft, and its publication."""
    now = datetime.now(UTC)
    load = {
        "pickup": {"address": "Maasvlakteweg 12, Rotterdam", "ready_at": at(now, hours=20), **ROTTERDAM},
        "dropoff": {"address": "Hafenstrasse 4, Duisburg", "due_at": at(now, hours=40), **DUISBURG},
        "weight_kg": 18_000,
        "price_ceiling": minor(CEILING),
        "equipment": "reefer",
    }
    booking: dict[str, Any] = shipper.post("/v1/bookings", load, 201)
    say(f"{shipper.name} books 18,000 kg from Rotterdam to Duisburg, for at most {shown(booking['price_ceiling'])}.")
    check(booking["status"] == "draft", "A new booking is not a draft.")
    published = shipper.post(f"/v1/bookings/{booking['id']}/publish")
    say(f"It publishes the booking, which is now {published['status']}: every carrier sees it.")
    check(published["status"] == "open", "The published booking is not open.")
    return booking


def bid(carrier: Company, rival: Company, booking: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Two carriers name their price."""
    eta = booking["pickup"]["ready_at"]
    bids = []
    for company, price in ((carrier, PRICE), (rival, RIVAL_PRICE)):
        check(company.sees(f"/v1/bookings/{booking['id']}"), f"{company.name} does not see the open booking.")
        offer = {"amount": minor(price), "pickup_eta": eta}
        bids.append(company.post(f"/v1/bookings/{booking['id']}/bids", offer, 201))
        say(f"{company.name} bids {shown(minor(price))}.")
    check(not carrier.sees(f"/v1/bids/{bids[1]['id']}"), "A carrier sees its rival's bid.")
    return bids[0], bids[1]


def award(shipper: Company, booking: dict[str, Any], winner: dict[str, Any]) -> None:
    offers = shipper.get(f"/v1/bookings/{booking['id']}/overview")["bids"]
    check(len(offers) == 2, f"The shipper sees {len(offers)} bids, not 2.")
    say(f"{shipper.name} looks at the booking and all that was bid for it:")
    for offer in offers:
        print(f"        {offer['carrier']['name']:<24} {shown(offer['amount']):>14}")
    awarded = shipper.post(f"/v1/bids/{winner['id']}/award")
    wallet = balance(shipper, "wallet")
    say(
        f"It awards the one of {shown(awarded['amount'])}: that much is held, and {shown(wallet['available'])} is left"
        " to spend."
    )
    check(awarded["status"] == "awarded", "The bid is not awarded.")
    check(wallet["pending_out"] == minor(PRICE), "The amount of the award is not held.")
    hold = shipper.get(f"/v1/ledger/transfers/{awarded['hold_id']}")
    check(hold["status"] == "pending", f"The hold is {hold['status']}, not pending.")


def accept(
    carrier: Company, rival: Company, booking: dict[str, Any], winner: dict[str, Any], loser: dict[str, Any]
) -> dict[str, Any]:
    """The deal is made. Returns the shipment that comes of it."""
    carrier.post(f"/v1/bids/{winner['id']}/accept")
    shipments = carrier.get(f"/v1/shipments?booking_id={booking['id']}")["items"]
    check(len(shipments) == 1, f"There are {len(shipments)} shipments, not 1.")
    shipment: dict[str, Any] = shipments[0]
    lost = rival.get(f"/v1/bids/{loser['id']}")
    say(f"{carrier.name} accepts; a shipment is {shipment['status']}. The bid of {rival.name} is {lost['status']}.")
    check((shipment["status"], lost["status"]) == ("planned", "rejected"), "The acceptance did not do both.")
    return shipment


def drive(carrier: Company, shipment: dict[str, Any]) -> None:
    """The driver reports each step of the journey."""
    for event, place, status in (
        ("arrived_at_pickup", ROTTERDAM, "at_pickup"),
        ("departed_pickup", ROTTERDAM, "in_transit"),
        ("arrived_at_dropoff", DUISBURG, "at_dropoff"),
    ):
        body = {"type": event, "occurred_at": at(datetime.now(UTC)), **place}
        carrier.post(f"/v1/shipments/{shipment['id']}/events", body, 201)
        now = carrier.get(f"/v1/shipments/{shipment['id']}")["status"]
        say(f"The driver reports: {event.replace('_', ' ')}. The shipment is {now.replace('_', ' ')}.")
        check(now == status, f"The shipment is {now}, not {status}.")


def prove(carrier: Company, shipment: dict[str, Any]) -> None:
    paper = hashlib.sha256(f"consignment note of {shipment['id']}".encode()).hexdigest()
    proof = {"signed_by": "Marta Koenig", "document_sha256": paper}
    delivered = carrier.post(f"/v1/shipments/{shipment['id']}/proof-of-delivery", proof)
    say(f"Marta Koenig signs; with this proof of delivery the shipment is {delivered['status']}.")
    check(delivered["status"] == "delivered", "The proof did not deliver the shipment.")


def settle(shipper: Company, carrier: Company, booking: dict[str, Any], shipment: dict[str, Any]) -> None:
    closed = shipper.post(f"/v1/shipments/{shipment['id']}/accept-delivery")
    state = shipper.get(f"/v1/bookings/{booking['id']}")["status"]
    earned = balance(carrier, "wallet")["posted"]
    fee = {**earned, "amount_minor": minor(PRICE)["amount_minor"] - earned["amount_minor"]}
    say(f"{shipper.name} accepts the delivery: the shipment is {closed['status']}, the booking {state}.")
    say(f"{carrier.name} is paid {shown(earned)}: {shown(minor(PRICE))} less the platform's fee of {shown(fee)}.")
    check((closed["status"], state) == ("closed", "delivered"), "Shipment and booking did not end together.")
    check(0 <= fee["amount_minor"] < earned["amount_minor"], f"The fee of {shown(fee)} cannot be right.")


def read_ledgers(shipper: Company, carrier: Company) -> None:
    """Both books, entry by entry; every balance is the sum of its entries."""
    for company in (shipper, carrier):
        for account in company.get("/v1/ledger/accounts")["items"]:
            entries = company.get(f"/v1/ledger/accounts/{account['id']}/entries")["items"]
            say(f"{company.name} reads its {account['kind']} account: {shown(account['posted'])}")
            for entry in reversed(entries):
                print(f"        {entry['transfer_kind']:<11} {shown(entry['amount']):>14}")
            total = sum(entry["amount"]["amount_minor"] for entry in entries)
            check(total == account["posted"]["amount_minor"], "A balance is not the sum of its entries.")
    left = minor(DEPOSIT)["amount_minor"] - minor(PRICE)["amount_minor"]
    check(balance(shipper, "wallet")["available"]["amount_minor"] == left, "The shipper's wallet is wrong.")
    check(balance(shipper, "held")["posted"]["amount_minor"] == 0, "Something of the shipper's is still held.")


def look_in(outsider: Company, booking: dict[str, Any], winner: dict[str, Any], shipment: dict[str, Any]) -> None:
    paths = (
        f"/v1/bookings/{booking['id']}",
        f"/v1/bookings/{booking['id']}/bids",
        f"/v1/bookings/{booking['id']}/overview",
        f"/v1/bids/{winner['id']}",
        f"/v1/shipments/{shipment['id']}",
        f"/v1/ledger/transfers/{shipment['hold_id']}",
    )
    seen = [path for path in paths if outsider.sees(path)]
    check(not seen, f"{outsider.name} sees what is not its own: {', '.join(seen)}")
    lists = ("/v1/shipments", "/v1/ledger/accounts")
    check(not any(outsider.get(path)["items"] for path in lists), f"The lists of {outsider.name} are not empty.")
    say(f"{outsider.name} looks for the booking, its bids, the shipment and the money, and sees none of it.")


def balance(company: Company, kind: str) -> dict[str, Any]:
    account = company.account(kind)
    if account is None:
        raise Off(f"{company.name} has no {kind} account.")
    return account


def at(now: datetime, hours: int = 0) -> str:
    return (now + timedelta(hours=hours)).isoformat()


steps = itertools.count()


def say(line: str) -> None:
    print(f"{next(steps):>3}. {line}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
