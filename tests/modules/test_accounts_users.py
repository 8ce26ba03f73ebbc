"""People of a company: who may change whom, the last admin, one's own role, bosses, history, other companies."""

import asyncio
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest

from crossdock.guards import QueryPerRow
from crossdock.ids import new_id
from crossdock.transaction import Database
from freight.modules.accounts.service.staff.users import LEVELS_MAX
from freight.modules.accounts.store import AccountStore
from freight.modules.accounts.store.staff import Role
from freight.tenancy import CompanyScope
from tests.modules.accounts import change, colleague, newcomer, refused, try_sign_in
from tests.world import PASSWORD, Person, Server, World, ok, unique

EVERYTHING = {
    "surname": "Hopper",
    "phone": "+31 10 555 0123",
    "locale": "nl-NL",
    "time_zone": "Europe/Amsterdam",
    "job_title": "Dispatcher",
    "licence_number": "NL-4471902",
}


async def add(admin: Person, **changes: Any) -> dict[str, Any]:
    made: dict[str, Any] = ok(await admin.http.post("/v1/users", json=newcomer(**changes)), 201)
    return made


async def history(server: Server, database: Database, user_id: str) -> list[tuple[str | None, ...]]:
    """The rows that a user's role and status left: field, from, to, actor, reason."""
    connection = await server.connect(database.settings.direct.database)
    rows = await connection.fetch(
        "SELECT field, from_value, to_value, actor_id::text, reason FROM user_history WHERE user_id = $1 ORDER BY id",
        UUID(user_id),
    )
    await connection.close()
    return [tuple(row) for row in rows]


async def test_an_admin_adds_a_colleague(world: World) -> None:
    """With every field of a user; they sign in with the password that they were given; ETag and Location come along."""
    admin = await world.register("shipper")
    boss = await add(admin)
    body = newcomer(role="manager", boss_id=boss["id"], **EVERYTHING)
    response = await admin.http.post("/v1/users", json=body)
    made = ok(response, 201)
    del body["password"]
    assert made | body == made
    assert (made["status"], made["last_sign_in_at"], made["company_id"]) == ("active", None, admin.company_id)
    assert response.headers["location"] == f"/v1/users/{made['id']}"
    read = await admin.http.get(response.headers["location"])
    assert (read.headers["etag"], ok(read)) == (response.headers["etag"], made)
    ok(await try_sign_in(world, made["email"]))


async def test_a_key_adds_one_colleague(world: World) -> None:
    """The second call gets the first one's answer."""
    admin = await world.register("shipper")
    headers, body = {"Idempotency-Key": "one"}, newcomer()
    first = await admin.http.post("/v1/users", json=body, headers=headers)
    second = await admin.http.post("/v1/users", json=body, headers=headers)
    assert (first.status_code, first.content, first.headers["etag"]) == (201, second.content, second.headers["etag"])
    assert len(ok(await admin.http.get("/v1/users"))["items"]) == 2


async def test_a_colleague_who_repeats_a_key_is_refused(world: World) -> None:
    """Same company, key and body, another person: 422, and not the answer that was somebody else's."""
    admin = await world.register("shipper")
    second = await colleague(world, admin, "admin")
    headers, body = {"Idempotency-Key": "one"}, newcomer()
    ok(await admin.http.post("/v1/users", json=body, headers=headers), 201)
    refused(await second.http.post("/v1/users", json=body, headers=headers), 422, "idempotency_key_reused")
    again = await world.sign_in(admin.email, admin.company_id, admin.user_id)
    ok(await again.http.post("/v1/users", json=body, headers=headers), 201)


@pytest.mark.parametrize("role", ["manager", "employee"])
async def test_only_admins_add_colleagues(world: World, role: str) -> None:
    """403 below the role of an admin."""
    person = await colleague(world, await world.register("shipper"), role)
    refused(await person.http.post("/v1/users", json=newcomer()), 403, "role_too_low")


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"status": "suspended"}, "invalid_input"),
        ({"company_id": str(new_id())}, "invalid_input"),
        ({"role": "owner"}, "invalid_input"),
        ({"time_zone": "Europe/Nowhere"}, "invalid_input"),
        ({"time_zone": "../etc/passwd"}, "invalid_input"),
        ({"locale": "not a locale"}, "invalid_input"),
        ({"phone": "call me"}, "invalid_input"),
        ({"surname": ""}, "invalid_input"),
        ({"password": "password1234"}, "common_password"),
        ({"boss_id": str(new_id())}, "unknown_boss"),
    ],
)
async def test_a_wrong_colleague_is_refused(world: World, changes: dict[str, Any], code: str) -> None:
    """422 that names the field, and nobody is added."""
    admin = await world.register("shipper")
    problem = refused(await admin.http.post("/v1/users", json=newcomer(**changes)), 422, code)
    assert problem["errors"][0]["path"] == f"body.{next(iter(changes))}"
    assert len(ok(await admin.http.get("/v1/users"))["items"]) == 1


async def test_an_email_is_taken_over_all_companies(world: World) -> None:
    """409, adding and changing alike; the refusal leaves no half of the change."""
    admin, other = await world.register("shipper"), await world.register("carrier")
    refused(await admin.http.post("/v1/users", json=newcomer(email=other.email)), 409, "email_taken")
    refused(await change(admin, admin.user_id, email=other.email.upper(), name="Eve"), 409, "email_taken")
    assert ok(await admin.http.get("/v1/me"))["name"] == "Ada"


async def test_colleagues_come_in_pages(world: World) -> None:
    """Everyone of one's own company once, newest first, and nobody else; an employee sees them too."""
    admin = await world.register("shipper")
    made = [await add(admin) for _ in range(4)]
    employee = await colleague(world, admin)
    first = ok(await employee.http.get("/v1/users", params={"limit": 4}))
    second = ok(await employee.http.get("/v1/users", params={"limit": 4, "cursor": first["next_cursor"]}))
    assert second["next_cursor"] is None
    expected = [employee.user_id, *(each["id"] for each in reversed(made)), admin.user_id]
    assert [each["id"] for each in first["items"] + second["items"]] == expected


async def test_other_companies_people_are_not_there(world: World) -> None:
    """404 for reading and changing them, as if they did not exist. As a boss they are unknown."""
    admin, other = await world.register("shipper"), await world.register("shipper")
    for user_id in (other.user_id, str(new_id())):
        refused(await admin.http.get(f"/v1/users/{user_id}"), 404, "not_found")
        refused(await change(admin, user_id, name="Eve"), 404, "not_found")
        refused(await change(admin, user_id, role="employee"), 404, "not_found")
        refused(await change(admin, admin.user_id, boss_id=user_id), 422, "unknown_boss")
        refused(await admin.http.post("/v1/users", json=newcomer(boss_id=user_id)), 422, "unknown_boss")
    assert ok(await other.http.get("/v1/me"))["name"] == "Ada"


async def test_people_edit_their_own_profile(world: World) -> None:
    """Every field of it; null empties what may be empty; what is not sent stays."""
    employee = await colleague(world, await world.register("shipper"))
    changed = ok(await change(employee, employee.user_id, name="Rear Admiral", **EVERYTHING))
    assert changed | EVERYTHING | {"name": "Rear Admiral"} == changed
    emptied = ok(await change(employee, employee.user_id, surname=None, phone=None))
    assert emptied == changed | {"surname": None, "phone": None, "updated_at": emptied["updated_at"]}


@pytest.mark.parametrize(
    "changes", [{"role": "admin"}, {"status": "suspended"}, {"boss_id": None}, {"email": "me@elsewhere.example"}]
)
@pytest.mark.parametrize("role", ["manager", "employee"])
async def test_role_status_boss_and_email_are_for_admins(world: World, role: str, changes: dict[str, Any]) -> None:
    """403 for everyone else, also about themselves, and also beside fields that they may change."""
    person = await colleague(world, await world.register("shipper"), role)
    refused(await change(person, person.user_id, name="Eve", **changes), 403, "role_too_low")
    assert ok(await person.http.get("/v1/me"))["name"] == "Grace"


@pytest.mark.parametrize("role", ["manager", "employee"])
async def test_nobody_but_an_admin_edits_a_colleague(world: World, role: str) -> None:
    """403: the colleague is theirs to see, not to change."""
    admin = await world.register("shipper")
    person = await colleague(world, admin, role)
    refused(await change(person, admin.user_id, name="Eve"), 403, "role_too_low")


async def test_nobody_changes_their_own_role(world: World) -> None:
    """Not even an admin, and not even downwards; sending the role that one has changes nothing."""
    admin = await world.register("shipper")
    await colleague(world, admin, "admin")
    for role in ("manager", "employee"):
        refused(await change(admin, admin.user_id, role=role), 403, "own_role")
    assert ok(await change(admin, admin.user_id, role="admin"))["role"] == "admin"


async def test_an_admin_changes_an_email(world: World) -> None:
    """The new address signs in, the old one does not."""
    admin = await world.register("shipper")
    made, email = await add(admin), f"{unique('grace')}@Harbor.example"
    assert ok(await change(admin, made["id"], email=email))["email"] == email.lower()
    ok(await try_sign_in(world, email))
    refused(await try_sign_in(world, made["email"]), 401, "wrong_credentials")


async def test_if_match_guards_a_change(world: World) -> None:
    """428 without, 412 with an old one, and of two writers with the same one exactly one wins."""
    admin = await world.register("shipper")
    path = f"/v1/users/{admin.user_id}"
    refused(await admin.http.patch(path, json={"name": "Eve"}), 428, "precondition_required")
    old = (await admin.http.get(path)).headers["etag"]
    answers = await asyncio.gather(*(change(admin, admin.user_id, etag=old, name=f"Ada {n}") for n in range(4)))
    assert sorted(answer.status_code for answer in answers) == [200, 412, 412, 412]
    refused(await change(admin, admin.user_id, etag=old, name="Eve"), 412, "precondition_failed")


async def test_a_sign_in_does_not_change_the_etag(world: World) -> None:
    """Somebody who edits a user is not refused because the user signed in meanwhile."""
    admin = await world.register("shipper")
    etag = (await admin.http.get("/v1/me")).headers["etag"]
    ok(await try_sign_in(world, admin.email))
    ok(await change(admin, admin.user_id, etag=etag, name="Ada L."))


@pytest.mark.parametrize("field", ["name", "email", "locale", "time_zone", "role", "status"])
async def test_what_must_be_there_is_not_emptied(world: World, field: str) -> None:
    """422 for a null that the field cannot hold, naming it."""
    admin = await world.register("shipper")
    emptied: dict[str, Any] = {field: None}
    problem = refused(await change(admin, admin.user_id, **emptied), 422, "invalid_input")
    assert [(error["path"], error["code"]) for error in problem["errors"]] == [(f"body.{field}", "null_not_allowed")]


@pytest.mark.parametrize("nothing", [{}, {"reason": "to see what happens"}], ids=repr)
async def test_a_change_of_nothing_changes_nothing(world: World, nothing: dict[str, Any]) -> None:
    """200 with the user as it is and the same ETag; who may not change a user may not do that either."""
    admin = await world.register("shipper")
    clerk = await colleague(world, admin)
    before = await admin.http.get(f"/v1/users/{clerk.user_id}")
    answer = await change(admin, clerk.user_id, etag=before.headers["etag"], **nothing)
    assert (ok(answer), answer.headers["etag"]) == (ok(before), before.headers["etag"])
    refused(await change(admin, clerk.user_id, etag='"99"', **nothing), 412, "precondition_failed")
    refused(await change(clerk, admin.user_id, **nothing), 403, "role_too_low")


async def test_history_reproduces_role_and_status(world: World, server: Server, database: Database) -> None:
    """A row for each change, with who and why; other changes leave none."""
    admin = await world.register("shipper")
    made = await add(admin)
    ok(await change(admin, made["id"], role="manager", reason="leads the night shift"))
    ok(await change(admin, made["id"], name="Grace H."))
    ok(await change(admin, made["id"], role="employee", status="suspended", reason="left"))
    assert await history(server, database, made["id"]) == [
        ("role", None, "employee", admin.user_id, None),
        ("status", None, "active", admin.user_id, None),
        ("role", "employee", "manager", admin.user_id, "leads the night shift"),
        ("role", "manager", "employee", admin.user_id, "left"),
        ("status", "active", "suspended", admin.user_id, "left"),
    ]


async def test_changes_have_events(world: World, server: Server, database: Database) -> None:
    """Each with an event in the outbox, of the company that acted."""
    admin = await world.register("shipper")
    made = await add(admin)
    ok(await change(admin, made["id"], role="manager", status="suspended"))
    connection = await server.connect(database.settings.direct.database)
    query = "SELECT type, company_id::text, actor_id::text FROM outbox WHERE subject_id = $1 ORDER BY id"
    rows = await connection.fetch(query, UUID(made["id"]))
    await connection.close()
    kinds = ["user_created", "user_changed", "user_role_changed", "user_status_changed"]
    assert [tuple(row) for row in rows] == [(f"accounts.{kind}", admin.company_id, admin.user_id) for kind in kinds]


async def test_the_last_admin_stays(world: World) -> None:
    """The only active admin cannot be suspended, also beside a suspended one; beside another active one they can."""
    admin = await world.register("shipper")
    refused(await change(admin, admin.user_id, status="suspended"), 409, "last_admin")
    second = await add(admin, role="admin")
    ok(await change(admin, second["id"], status="suspended"))
    refused(await change(admin, admin.user_id, status="suspended"), 409, "last_admin")
    ok(await change(admin, second["id"], status="active"))
    ok(await change(admin, admin.user_id, status="suspended"))


async def admins(server: Server, database: Database, company_id: str) -> int:
    connection = await server.connect(database.settings.direct.database)
    query = "SELECT count(*) FROM users WHERE company_id = $1 AND role = 'admin' AND status = 'active'"
    count: int = await connection.fetchval(query, UUID(company_id))
    await connection.close()
    return count


@pytest.mark.parametrize("changes", [{"role": "employee"}, {"status": "suspended"}])
async def test_two_admins_who_remove_each_other(
    world: World, server: Server, database: Database, changes: dict[str, Any]
) -> None:
    """At once: one of them stays an admin, every time."""
    for _ in range(5):
        first = await world.register("shipper")
        second = await colleague(world, first, "admin")
        answers = await asyncio.gather(
            change(first, second.user_id, **changes), change(second, first.user_id, **changes)
        )
        statuses = sorted(answer.status_code for answer in answers)
        assert statuses in ([200, 401], [200, 403])
        assert await admins(server, database, first.company_id) == 1


async def test_admins_who_all_leave_at_once(world: World, server: Server, database: Database) -> None:
    """Six suspend themselves at the same time: one is refused as the last."""
    first = await world.register("shipper")
    people = [first, *[await colleague(world, first, "admin") for _ in range(5)]]
    answers = await asyncio.gather(*(change(person, person.user_id, status="suspended") for person in people))
    assert sorted(answer.status_code for answer in answers) == [200] * 5 + [409]
    assert await admins(server, database, first.company_id) == 1


async def test_bosses_form_no_cycle(world: World) -> None:
    """Nobody is their own boss, directly or through others; a chain may be re-hung elsewhere."""
    admin = await world.register("shipper")
    a, b, c = [(await add(admin))["id"] for _ in range(3)]
    refused(await change(admin, a, boss_id=a), 409, "boss_cycle")
    ok(await change(admin, b, boss_id=a))
    ok(await change(admin, c, boss_id=b))
    for boss in (b, c):
        refused(await change(admin, a, boss_id=boss), 409, "boss_cycle")
    ok(await change(admin, b, boss_id=None))
    ok(await change(admin, a, boss_id=c))


@pytest.mark.parametrize("people", [2, 3, 5])
async def test_no_cycle_of_bosses_at_once_either(world: World, people: int) -> None:
    """Each gets the next one as their boss, all at the same time: one is refused, else the ring would close."""
    admin = await world.register("shipper")
    ids = [(await add(admin))["id"] for _ in range(people)]
    nexts = [*ids[1:], ids[0]]
    for _ in range(3):
        answers = await asyncio.gather(
            *(change(admin, user_id, boss_id=boss) for user_id, boss in zip(ids, nexts, strict=True))
        )
        assert sorted(answer.status_code for answer in answers) == [200] * (people - 1) + [409]
        for user_id in ids:
            ok(await change(admin, user_id, boss_id=None))


@pytest.mark.allows(QueryPerRow, "it adds many people, each below the one before")
async def test_bosses_have_a_limit(world: World, database: Database) -> None:
    """The walk up ends: so many levels and no more, for who is there and for who is added."""
    admin = await world.register("shipper")
    scope = CompanyScope(UUID(admin.company_id), "shipper")
    lowest = UUID(admin.user_id)
    async with database.transaction(scope) as tx:
        store = tx.store(AccountStore)
        top = await store.get_user(lowest)
        assert top is not None
        lowest = await _chain(store, top, LEVELS_MAX)
    body = newcomer(role=Role.EMPLOYEE)
    made = ok(await admin.http.post("/v1/users", json=body), 201)
    refused(await change(admin, made["id"], boss_id=str(lowest)), 409, "too_many_levels")
    refused(await admin.http.post("/v1/users", json=newcomer(boss_id=str(lowest))), 409, "too_many_levels")
    above = (await admin.http.get(f"/v1/users/{lowest}")).json()["boss_id"]
    ok(await admin.http.post("/v1/users", json=newcomer(boss_id=above)), 201)


async def _chain(store: AccountStore, top: Any, levels: int) -> UUID:
    """So many people under one another; the id of the lowest."""
    above = top
    for _ in range(levels):
        below = replace(above, id=new_id(), boss_id=above.id, email=f"{unique('level')}@northgate.example")
        await store.add_user(below, "no hash")
        above = below
    return UUID(str(above.id))


async def test_a_password_is_never_answered(world: World) -> None:
    """Neither the password nor its hash is in any answer."""
    admin = await world.register("shipper")
    made = await add(admin)
    for path in ("/v1/me", "/v1/users", f"/v1/users/{made['id']}", "/v1/auth/sessions"):
        text = (await admin.http.get(path)).text
        assert PASSWORD not in text
        assert "argon2" not in text
