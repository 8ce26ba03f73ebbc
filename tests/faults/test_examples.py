"""Every example of the OpenAPI document works as it stands: each is sent, to a service with the demo world."""

import itertools
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from typing import Any

import httpx
import jsonschema_rs
import pytest

from crossdock.registry import Registry
from freight.demo.seed import seed
from freight.demo.world import HARBOR as CARRIER
from freight.demo.world import NORTHGATE, OPERATOR_EMAIL, PASSWORD, RIVALS
from freight.modules.accounts.api import Role
from tests.requests import Document, Operation, ids_of_all, known_ids, operations
from tests.world import Server, World, database_name, ok

LAST = ("users_replace_password", "auth_end_session", "auth_sign_out")
"""These change what the others sign in with."""
BY_THE_LAST_ANSWER = {"auth_refresh_tokens"}
"""The only one whose body nobody could know before: no example of it is shown."""


@dataclass(frozen=True, slots=True)
class Demo:
    """A service with the demo world, its document, the admins of the companies in it, and the operator."""

    world: World
    document: Document
    people: list[httpx.AsyncClient]

    async def works(self, operation: Operation, ids: dict[str, list[str]]) -> bool:
        """Whether it does for one of the people, with one of the things that are there."""
        known = itertools.product(*(ids.get(variable, []) for variable in operation.variables))
        for values in known:
            url = operation.url(dict(zip(operation.variables, values, strict=True)))
            for person in self.people:
                answer = await person.request(operation.method, url, **operation.request)
                if answer.is_success:
                    assert str(answer.status_code) in operation.told["responses"], operation.name
                    return True
        return False


@pytest.fixture(scope="module")
async def demo(server: Server, template: str) -> AsyncIterator[Demo]:
    settings = await server.copy(database_name("examples"), template)
    await seed(settings, Registry.found())
    async with AsyncExitStack() as stack:
        world = await stack.enter_async_context(World.open(settings))
        http = await stack.enter_async_context(world.client())
        document: Document = ok(await http.get("/openapi.json"))
        emails = [company.email(Role.ADMIN) for company in (NORTHGATE, CARRIER, *RIVALS)]
        people = [await signed_in(world, email) for email in (*emails, OPERATOR_EMAIL)]
        yield Demo(world, document, people)
    await server.drop(settings.direct.database)


async def signed_in(world: World, email: str) -> httpx.AsyncClient:
    async with world.client() as http:
        answer = ok(await http.post("/v1/auth/token", data={"username": email, "password": PASSWORD}))
    return world.client(answer["access_token"])


async def test_every_parameter_works_as_the_document_shows_it(demo: Demo) -> None:
    """Each example of a query alone, and all of an operation at once."""
    ids = await ids_of_all(demo.document, *demo.people)
    asked = 0
    for operation in operations(demo.document):
        if operation.method != "GET":
            continue
        url = operation.url({name: ids[name][0] for name in operation.variables})
        examples = operation.examples("query")
        for query in [{name: value} for name, value in examples.items()] + [examples]:
            answers = [(await person.get(url, params=query)).status_code for person in demo.people]
            assert 200 in answers, (operation.name, query, answers)
            asked += 1
    assert asked > 20


def shown(part: Any, where: str = "#") -> list[tuple[str, Any, Any]]:
    """Each schema with examples, wherever it is in the document: its place, the schema and one example."""
    if isinstance(part, list):
        return [each for i, item in enumerate(part) for each in shown(item, f"{where}/{i}")]
    if not isinstance(part, dict):
        return []
    own = [(where, part, each) for each in part["examples"]] if isinstance(part.get("examples"), list) else []
    own += [(where, part["schema"], part["example"])] if {"schema", "example"} <= part.keys() else []
    return own + [each for name, item in part.items() for each in shown(item, f"{where}/{name}")]


async def test_every_example_fits_its_own_schema(demo: Demo) -> None:
    """Of fields, of parameters, of bodies: what is shown is what the schema beside it allows."""
    examples = shown(demo.document)
    assert len(examples) > 60
    for where, schema, example in examples:
        validator = jsonschema_rs.validator_for({**schema, "components": demo.document["components"]})
        assert list(validator.iter_errors(example)) == [], where


async def test_every_body_has_an_example(demo: Demo) -> None:
    """All but the one that nobody can know, which is asked for with the token of a sign-in."""
    bodies = {each.name: each for each in operations(demo.document) if "requestBody" in each.told}
    without = {name for name, each in bodies.items() if not {"json", "data"} & each.request.keys()}
    assert without == BY_THE_LAST_ANSWER
    async with demo.world.client() as http:
        answer = ok(await http.post("/v1/auth/token", **bodies["auth_issue_tokens"].request))
        ok(await http.post("/v1/auth/refresh", json={"refresh_token": answer["refresh_token"]}))


async def test_every_request_works_as_the_document_shows_it(demo: Demo) -> None:
    """Body, headers, form and address of each operation: somebody of the demo world is answered with a success.

    The things that an address needs are looked up in the lists. What works on a thing in a certain state may use up
    the last one, and a later operation may make another: so those that failed are tried again.
    """
    left = [each for each in operations(demo.document) if each.name not in {*LAST, *BY_THE_LAST_ANSWER}]
    last = [each for name in LAST for each in operations(demo.document) if each.name == name]
    while left:
        ids = await known_ids(demo.document, *demo.people)
        failed = [each for each in left if not await demo.works(each, ids)]
        assert len(failed) < len(left), [each.name for each in failed]
        left = failed
    ids = await known_ids(demo.document, *demo.people)
    assert [each.name for each in last if not await demo.works(each, ids)] == []
