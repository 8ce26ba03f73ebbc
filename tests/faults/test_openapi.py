"""Schemathesis over the whole OpenAPI document, signed in, against the real server process.

`CROSSDOCK_TEST_SEED` repeats a run or makes another one.
"""

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.acceptance.process import Service
from tests.world import Person, Server, World, database_name

SEED = os.environ.get("CROSSDOCK_TEST_SEED", "20261121")
EXAMPLES = os.environ.get("CROSSDOCK_TEST_EXAMPLES", "12")


@pytest.fixture
async def signed_in(server: Server, template: str) -> AsyncIterator[tuple[Service, Person]]:
    """A service with a company of both kinds, so that no operation is closed to it."""
    name = database_name("openapi")
    service = Service(await server.copy(name, template))
    await service.start()
    yield service, await World(base_url=service.url).register("both")
    await service.stop()
    await server.drop(name)


async def test_every_answer_is_as_documented(signed_in: tuple[Service, Person]) -> None:
    """No 5xx, and every answer as documented: right and wrong input, missing headers, other methods, no sign-in."""
    service, person = signed_in
    command = (
        str(Path(sys.executable).with_name("st")),
        "run",
        f"{service.url}/openapi.json",
        "--header",
        f"Authorization: {person.http.headers['Authorization']}",
        "--checks=all",
        "--exclude-checks=positive_data_acceptance",  # a schema cannot tell a taken name, a stale ETag or a past time
        "--phases=examples,coverage,fuzzing",
        f"--max-examples={EXAMPLES}",
        f"--seed={SEED}",
        "--exclude-path=/v1/auth/logout",  # these two would sign the tester out
        "--exclude-path=/v1/auth/sessions/{session_id}",
        "--no-color",
        "--suppress-health-check=all",
    )
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    output, _ = await asyncio.wait_for(process.communicate(), 600)
    assert process.returncode == 0, output.decode()[-12_000:]
