"""The limit: bare ASGI, asyncpg and orjson. SQL by hand, no framework, no validation."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl
from uuid import UUID

import asyncpg
import orjson
from uuid_utils.compat import uuid7

from benchmarks.peers import bare_sql as sql
from benchmarks.peers import cursor
from benchmarks.peers.settings import AWARD_TTL, DATABASE, HOST, PASSWORD, POOL_MAX, POOL_MIN, PORT, USER

Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
Row = Any

pool: asyncpg.Pool


async def app(scope: Any, receive: Receive, send: Send) -> None:
    """The ASGI application."""
    if scope["type"] == "lifespan":
        await lifespan(receive, send)
        return
    status, answer = await dispatch(scope, receive)
    body = orjson.dumps(answer, str, orjson.OPT_UTC_Z)  # str: for the ids, which are of asyncpg's own type
    headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


async def lifespan(receive: Receive, send: Send) -> None:
    global pool
    await receive()
    pool = await asyncpg.create_pool(
        host=HOST, port=PORT, user=USER, password=PASSWORD, database=DATABASE, min_size=POOL_MIN, max_size=POOL_MAX
    )
    await send({"type": "lifespan.startup.complete"})
    await receive()
    await pool.close()
    await send({"type": "lifespan.shutdown.complete"})


async def dispatch(scope: Any, receive: Receive) -> tuple[int, Any]:
    """`/v1/<what>/<id>/<verb>`, matched by hand."""
    match scope["method"], scope["path"].split("/")[2:]:
        case "GET", ["bookings", booking_id]:
            return await read_booking(UUID(booking_id))
        case "GET", ["bookings", booking_id, "overview"]:
            return await read_overview(UUID(booking_id))
        case "GET", ["bookings"]:
            return await list_bookings(query_of(scope))
        case "POST", ["bookings"]:
            return await create_booking(query_of(scope), await body_of(receive))
        case "POST", ["bids", bid_id, "award"]:
            return await award_bid(UUID(bid_id))
        case "POST", ["ledger", "deposits"]:
            return await make_deposit(query_of(scope), await body_of(receive))
    return 404, {"detail": "Not Found"}


def query_of(scope: Any) -> dict[str, str]:
    return dict(parse_qsl(scope["query_string"].decode()))


async def body_of(receive: Receive) -> Any:
    body = b""
    more = True
    while more:
        message = await receive()
        body += message["body"]
        more = message.get("more_body", False)
    return orjson.loads(body)


async def read_booking(booking_id: UUID) -> tuple[int, Any]:
    async with pool.acquire() as connection:
        row = await connection.fetchrow(sql.BOOKING, booking_id)
    return (200, booking_out(row)) if row else (404, {"detail": "Not Found"})


async def read_overview(booking_id: UUID) -> tuple[int, Any]:
    async with pool.acquire() as connection:
        rows = await connection.fetch(sql.OVERVIEW, booking_id)
    if not rows:
        return 404, {"detail": "Not Found"}
    return 200, {**booking_out(rows[0]), "bids": [bid_with_carrier_out(row) for row in rows if row["bid_id"]]}


async def list_bookings(query: dict[str, str]) -> tuple[int, Any]:
    limit, last = int(query.get("limit", "50")), cursor.decode(query.get("cursor"))
    async with pool.acquire() as connection:
        if "status" in query:
            rows = await connection.fetch(sql.PAGE_OF_STATUS, last, query["status"], limit + 1)
        else:
            rows = await connection.fetch(sql.PAGE_OF_COMPANY, last, UUID(query["company_id"]), limit + 1)
    items = [{**booking_out(row), "shipper": shipper_out(row)} for row in rows[:limit]]
    return 200, {"items": items, "next_cursor": cursor.encode(rows[limit - 1]["id"]) if len(rows) > limit else None}


async def create_booking(query: dict[str, str], body: Any) -> tuple[int, Any]:
    pickup, dropoff, ceiling = body["pickup"], body["dropoff"], body["price_ceiling"]
    async with pool.acquire() as connection, connection.transaction():
        row = await connection.fetchrow(
            sql.CREATE,
            uuid7(),
            datetime.now(UTC),
            pickup["address"],
            pickup["lat"],
            pickup["lon"],
            datetime.fromisoformat(pickup["ready_at"]),
            dropoff["address"],
            dropoff["lat"],
            dropoff["lon"],
            datetime.fromisoformat(dropoff["due_at"]),
            body["weight_kg"],
            body["equipment"],
            ceiling["amount_minor"],
            ceiling["currency"],
            UUID(query["company_id"]),
        )
    return 201, booking_out(row)


async def award_bid(bid_id: UUID) -> tuple[int, Any]:
    now = datetime.now(UTC)
    async with pool.acquire() as connection, connection.transaction():
        bid = await connection.fetchrow(sql.BID, bid_id)
        if bid is None:
            return 404, {"detail": "Not Found"}
        booking_status = await connection.fetchval(sql.LOCK_BOOKING, bid["booking_id"])
        bid_status = await connection.fetchval(sql.LOCK_BID, bid_id)
        if (booking_status, bid_status) != ("open", "pending"):
            return 409, {"detail": "Conflict"}
        await connection.execute(sql.AWARD_BOOKING, bid["booking_id"], bid["company_id"], bid_id, now)
        hold_id = await hold(connection, bid, now)
        awarded = await connection.fetchrow(sql.AWARD_BID, bid_id, hold_id, now + AWARD_TTL, now)
    return 200, bid_out(awarded)


async def hold(connection: Row, bid: Row, now: datetime) -> UUID:
    """The shipper's wallet → its held account, pending."""
    shipper_id, amount, currency = bid["shipper_id"], bid["amount_minor"], bid["currency"]
    accounts = await connection.fetch(sql.ACCOUNTS, currency, shipper_id, "wallet", shipper_id, "held")
    ids = {account["kind"]: account["id"] for account in accounts}
    transfer = await connection.fetchrow(
        sql.TRANSFER,
        uuid7(),
        "hold",
        f"hold:{bid['id']}",
        bid["booking_id"],
        amount,
        currency,
        ids["wallet"],
        ids["held"],
        shipper_id,
        shipper_id,
        True,
        now,
    )
    await connection.execute(sql.SET_ASIDE, ids["wallet"], amount, now)
    await connection.execute(sql.EXPECT, ids["held"], amount, now)
    hold_id: UUID = transfer["id"]
    return hold_id


async def make_deposit(query: dict[str, str], body: Any) -> tuple[int, Any]:
    """The outside world → a company's wallet: the transfer, two entries, two balances."""
    company_id, now = UUID(query["company_id"]), datetime.now(UTC)
    amount, currency = body["amount"]["amount_minor"], body["amount"]["currency"]
    async with pool.acquire() as connection, connection.transaction():
        accounts = await connection.fetch(sql.ACCOUNTS, currency, company_id, "external", company_id, "wallet")
        debit, credit = sorted(accounts, key=lambda account: str(account["kind"]))
        transfer_id = uuid7()
        transfer = await connection.fetchrow(
            sql.TRANSFER,
            transfer_id,
            "deposit",
            f"deposit:{uuid7()}",
            None,
            amount,
            currency,
            debit["id"],
            credit["id"],
            company_id,
            company_id,
            False,
            now,
        )
        for account, moved in ((debit, -amount), (credit, amount)):
            balance, version = account["posted_minor"] + moved, account["version"] + 1
            entry = (uuid7(), account["id"], transfer_id, account["company_id"], moved, balance, version, now)
            await connection.execute(sql.ENTRY, *entry)
            await connection.execute(sql.POST, account["id"], balance, version, now)
    return 201, transfer_out(transfer)


def booking_out(row: Row) -> dict[str, Any]:
    return {
        "id": row["id"],
        "company_id": row["company_id"],
        "status": row["status"],
        "pickup": {
            "address": row["pickup_address"],
            "lat": row["pickup_lat"],
            "lon": row["pickup_lon"],
            "ready_at": row["pickup_ready_at"],
        },
        "dropoff": {
            "address": row["dropoff_address"],
            "lat": row["dropoff_lat"],
            "lon": row["dropoff_lon"],
            "due_at": row["dropoff_due_at"],
        },
        "weight_kg": row["weight_kg"],
        "price_ceiling": {"amount_minor": row["price_ceiling_minor"], "currency": row["currency"]},
        "equipment": row["equipment"],
        "carrier_id": row["carrier_id"],
        "awarded_bid_id": row["awarded_bid_id"],
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
    }


def shipper_out(row: Row) -> dict[str, Any]:
    return {"id": row["company_id"], "name": row["shipper_name"], "kind": row["shipper_kind"]}


def bid_with_carrier_out(row: Row) -> dict[str, Any]:
    return {
        "id": row["bid_id"],
        "status": row["bid_status"],
        "amount": {"amount_minor": row["amount_minor"], "currency": row["bid_currency"]},
        "pickup_eta": row["pickup_eta"],
        "created_at": row["bid_at"],
        "carrier": {"id": row["bidder_id"], "name": row["bidder_name"], "kind": row["bidder_kind"]},
    }


def bid_out(row: Row) -> dict[str, Any]:
    return {
        "id": row["id"],
        "booking_id": row["booking_id"],
        "company_id": row["company_id"],
        "shipper_id": row["shipper_id"],
        "status": row["status"],
        "amount": {"amount_minor": row["amount_minor"], "currency": row["currency"]},
        "pickup_eta": row["pickup_eta"],
        "award_expires_at": row["award_expires_at"],
        "hold_id": row["hold_id"],
        "created_at": row["created_at"],
        "updated_at": row["updated_at"],
    }


def transfer_out(row: Row) -> dict[str, Any]:
    amount = {"amount_minor": row["amount_minor"], "currency": row["currency"]}
    return {
        "id": row["id"],
        "kind": row["kind"],
        "status": "posted",
        "amount": amount,
        "posted": amount,
        "reference": row["reference"],
        "subject_id": row["subject_id"],
        "debit_account_id": row["debit_account_id"],
        "credit_account_id": row["credit_account_id"],
        "created_at": row["created_at"],
        "resolved_at": None,
    }
