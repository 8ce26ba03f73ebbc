"""Teams: who makes them, who is in them, what they refuse, and that other companies see none of it."""

import asyncio
from typing import Any
from uuid import UUID

import pytest

from crossdock.ids import new_id
from crossdock.transaction import Database
from freight.modules.accounts.service.staff import teams
from tests.modules.accounts import colleague, newcomer, refused
from tests.world import Person, Server, World, ok


async def team(person: Person, name: str = "Night dispatch") -> dict[str, Any]:
    made: dict[str, Any] = ok(await person.http.post("/v1/teams", json={"name": name}), 201)
    return made


async def members(person: Person, team_id: str) -> list[str]:
    listed = ok(await person.http.get("/v1/teams"))["items"]
    found: list[str] = next(each["member_ids"] for each in listed if each["id"] == team_id)
    return found


async def test_a_team_has_members(world: World) -> None:
    """They are put in and taken out; twice in is once in, twice out is not there."""
    admin = await world.register("shipper")
    employee = await colleague(world, admin)
    made = await team(admin)
    assert (made["name"], made["member_ids"], made["company_id"]) == ("Night dispatch", [], admin.company_id)
    path = f"/v1/teams/{made['id']}/members"
    for user_id in (admin.user_id, employee.user_id, admin.user_id):
        ok(await admin.http.put(f"{path}/{user_id}"), 204)
    assert await members(employee, made["id"]) == [admin.user_id, employee.user_id]
    ok(await admin.http.delete(f"{path}/{admin.user_id}"), 204)
    refused(await admin.http.delete(f"{path}/{admin.user_id}"), 404, "not_found")
    assert await members(employee, made["id"]) == [employee.user_id]


async def test_a_team_is_read_where_its_making_said(world: World) -> None:
    """Its address comes with the 201; with its members, as in the list; 404 for another company."""
    admin, stranger = await world.register("shipper"), await world.register("shipper")
    answer = await admin.http.post("/v1/teams", json={"name": "Night dispatch"})
    made, address = ok(answer, 201), answer.headers["location"]
    ok(await admin.http.put(f"{address}/members/{admin.user_id}"), 204)
    read = ok(await admin.http.get(address))
    assert (read["id"], read["member_ids"]) == (made["id"], [admin.user_id])
    assert read == ok(await admin.http.get("/v1/teams"))["items"][0]
    refused(await stranger.http.get(address), 404, "not_found")


async def test_teams_come_in_pages(world: World) -> None:
    """Newest first, each once, with their members."""
    admin = await world.register("shipper")
    made = [await team(admin, f"Team {number}") for number in range(3)]
    ok(await admin.http.put(f"/v1/teams/{made[0]['id']}/members/{admin.user_id}"), 204)
    first = ok(await admin.http.get("/v1/teams", params={"limit": 2}))
    second = ok(await admin.http.get("/v1/teams", params={"limit": 2, "cursor": first["next_cursor"]}))
    seen = first["items"] + second["items"]
    assert [each["id"] for each in seen] == [each["id"] for each in reversed(made)]
    assert [each["member_ids"] for each in seen] == [[], [], [admin.user_id]]


async def test_managers_make_teams_and_employees_do_not(world: World) -> None:
    """403 below the role of a manager, for every change."""
    admin = await world.register("shipper")
    manager, employee = await colleague(world, admin, "manager"), await colleague(world, admin)
    made = await team(manager)
    path = f"/v1/teams/{made['id']}/members/{employee.user_id}"
    refused(await employee.http.post("/v1/teams", json={"name": "Ours"}), 403, "role_too_low")
    refused(await employee.http.put(path), 403, "role_too_low")
    ok(await manager.http.put(path), 204)
    refused(await employee.http.delete(path), 403, "role_too_low")


async def test_a_name_is_taken_once_in_a_company(world: World) -> None:
    """409 in the same company, also of eight at once; another company has its own names."""
    admin, other = await world.register("shipper"), await world.register("shipper")
    answers = await asyncio.gather(*(admin.http.post("/v1/teams", json={"name": "Days"}) for _ in range(8)))
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 7
    refused(await admin.http.post("/v1/teams", json={"name": "Days"}), 409, "team_name_taken")
    await team(other, "Days")


async def test_a_key_makes_one_team(world: World) -> None:
    """The second call gets the first one's answer, not a refusal of its name."""
    admin = await world.register("shipper")
    answers = [
        await admin.http.post("/v1/teams", json={"name": "Days"}, headers={"Idempotency-Key": "one"}) for _ in range(2)
    ]
    assert [ok(answer, 201) for answer in answers] == [answers[0].json()] * 2


async def test_other_companies_teams_and_people_are_not_there(world: World) -> None:
    """404 for either, and nothing of theirs is listed."""
    admin, other = await world.register("shipper"), await world.register("shipper")
    mine, theirs = await team(admin), await team(other)
    for method in ("PUT", "DELETE"):
        for team_id, user_id in [
            (theirs["id"], admin.user_id),
            (theirs["id"], other.user_id),
            (mine["id"], other.user_id),
            (str(new_id()), admin.user_id),
            (mine["id"], str(new_id())),
        ]:
            response = await admin.http.request(method, f"/v1/teams/{team_id}/members/{user_id}")
            refused(response, 404, "not_found")
    assert [each["id"] for each in ok(await admin.http.get("/v1/teams"))["items"]] == [mine["id"]]
    assert await members(other, theirs["id"]) == []


@pytest.mark.parametrize("body", [{}, {"name": ""}, {"name": "x" * 101}, {"name": "a\0b"}, {"name": "a", "id": 1}])
async def test_a_wrong_team_is_refused(world: World, body: dict[str, Any]) -> None:
    """422 for a name that is missing, empty, too long or not text, and for an unknown field."""
    admin = await world.register("shipper")
    refused(await admin.http.post("/v1/teams", json=body), 422, "invalid_input")


async def test_putting_one_user_in_many_times_at_once(world: World, server: Server, database: Database) -> None:
    """They are in it once, every call answers so, and there is one event."""
    admin = await world.register("shipper")
    made = await team(admin)
    path = f"/v1/teams/{made['id']}/members/{admin.user_id}"
    answers = await asyncio.gather(*(admin.http.put(path) for _ in range(8)))
    assert {answer.status_code for answer in answers} == {204}
    assert await members(admin, made["id"]) == [admin.user_id]
    connection = await server.connect(database.settings.direct.database)
    events = await connection.fetch("SELECT type FROM outbox WHERE subject_id = $1 ORDER BY id", UUID(made["id"]))
    await connection.close()
    assert [row["type"] for row in events] == ["accounts.team_created", "accounts.member_added"]


async def test_a_full_team_takes_nobody(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """409 at the limit, also for many at once; who is in it already stays."""
    monkeypatch.setattr(teams, "MEMBERS_MAX", 2)
    admin = await world.register("shipper")
    made = await team(admin)
    ids = [ok(await admin.http.post("/v1/users", json=newcomer()), 201)["id"] for _ in range(5)]
    path = f"/v1/teams/{made['id']}/members"
    answers = await asyncio.gather(*(admin.http.put(f"{path}/{user_id}") for user_id in ids))
    assert sorted(answer.status_code for answer in answers) == [204, 204, 409, 409, 409]
    inside = await members(admin, made["id"])
    ok(await admin.http.put(f"{path}/{inside[0]}"), 204)
    assert len(inside) == 2
