"""The command that adds and suspends operators: the password from stdin, one line for what went wrong."""

import json
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from crossdock.config.settings import Settings
from tests.acceptance.process import environment, run
from tests.commands.quick import ROOT, Ran, quickly
from tests.world import PASSWORD, Server, World, database_name, ok, unique


@pytest.fixture(scope="module")
async def place(server: Server, template: str) -> AsyncIterator[Settings]:
    settings = await server.copy(database_name("operators"), template)
    yield settings
    await server.drop(settings.direct.database)


async def operators(settings: Settings, *arguments: str, password: str = "") -> Ran:
    return await quickly(
        *("freight.operators:main", "operators", *arguments),
        folder=ROOT,
        environment=environment(settings),
        given=f"{password}\n",
    )


async def test_an_operator_is_added_and_suspended(place: Settings) -> None:
    """The one who was added signs in; the one who was suspended does not. The password shows nowhere."""
    email = f"{unique('Olga')}@crossdock.example"
    added = await operators(place, "add", email, "--name", "Olga", "--json", password=PASSWORD)
    assert (added.status, added.json["status"], added.json["email"]) == (0, "active", email.lower())
    assert PASSWORD not in added.output + added.errors
    form = {"username": email, "password": PASSWORD}
    async with World.open(place) as world, world.client() as http:
        ok(await http.post("/v1/auth/token", data=form))
        suspended = await operators(place, "suspend", email, "--reason", "left", "--json")
        assert (suspended.status, suspended.json["status"]) == (0, "suspended")
        ok(await http.post("/v1/auth/token", data=form), 401)
    again = await operators(place, "suspend", email)
    assert again.is_one_line("No active operator")


async def test_a_hash_is_as_slow_as_it_has_to_be(place: Settings, server: Server) -> None:
    """What the command stores was made with the lowest parameters that OWASP allows, and no hash takes less time: one
    that belongs to nobody has the same."""
    email = f"{unique('slow')}@crossdock.example"
    assert (await operators(place, "add", email, "--name", "Olga", password=PASSWORD)).status == 0
    connection = await server.connect(place.direct.database)
    stored = await connection.fetchval("SELECT password_hash FROM users WHERE email = $1", email)
    await connection.close()
    decoy = "from freight.modules.accounts.service.signing_in.passwords import DECOY; print(DECOY)"
    nobodys = (await run(Path(sys.executable), "-c", decoy)).output
    parameters = "$argon2id$v=19$m=19456,t=2,p=1$"
    assert [each[: len(parameters)] for each in (stored, nobodys)] == [parameters] * 2


async def test_what_is_wrong_is_said_in_one_line(place: Settings) -> None:
    """Each field at fault by its name, without the password; an address that is taken; a password that all know."""
    wrong = await operators(place, "add", "nobody", "--name", " ", password="short")
    assert wrong.is_one_line("email:", "name:", "password:")
    assert "short" not in wrong.errors
    email = f"{unique('taken')}@crossdock.example"
    assert (await operators(place, "add", email, "--name", "Olga", password=PASSWORD)).status == 0
    twice = await operators(place, "add", email, "--name", "Olga", password=PASSWORD)
    assert twice.is_one_line("signs in with this e-mail address")
    common = await operators(place, "add", f"x{email}", "--name", "Olga", password="passwordpassword")
    assert common.is_one_line("common")


async def test_wrong_use_is_status_2(place: Settings) -> None:
    """And a password is no argument. Once as it is typed, in a process of its own."""
    typed = await run(Path(sys.executable), "-m", "freight.operators", "add", "olga@crossdock.example", settings=place)
    assert typed.status == 2
    given = await operators(place, "add", "o@crossdock.example", "--name", "O", "--password", PASSWORD)
    assert given.status == 2


async def test_only_operators_are_suspended(place: Settings) -> None:
    """Somebody of a company is for the admins of that company."""
    async with World.open(place) as world:
        person = await world.register("shipper")
        refused = await operators(place, "suspend", person.email)
        assert refused.is_one_line("No active operator")
        assert json.loads((await person.http.get("/v1/me")).text)["status"] == "active"
