"""Holds each answer that a test gets against the OpenAPI document: its status, its code and its headers are in it."""

import re
from functools import cache
from typing import Any

import httpx

from freight.app import create_app
from freight.settings import AuthSettings, FreightSettings
from tests.requests import Operation, operations

HEADERS = {"allow", "cache-control", "etag", "location", "retry-after", "www-authenticate", "x-request-id"}
"""Those that mean something to a client: an operation tells which of them it sends."""
PROBLEM = "application/problem+json"


@cache
def document() -> dict[str, Any]:
    """Made of the code alone: it is the same for every app of this process."""
    auth = AuthSettings(secret="a-test-secret-of-more-than-thirty-two-bytes")  # type: ignore[arg-type]
    made: dict[str, Any] = create_app(FreightSettings(environment="test", auth=auth)).openapi()
    return made


@cache
def _patterns() -> list[tuple[str, re.Pattern[str], Operation]]:
    found = operations(document())
    return [(each.method, re.compile(re.sub(r"{\w+}", "[^/]+", each.path)), each) for each in found]


def operation_of(method: str, path: str) -> Operation | None:
    """A word of a path goes before a variable in the same place."""
    fitting = [each for verb, pattern, each in _patterns() if verb == method and pattern.fullmatch(path)]
    return min(fitting, key=lambda each: len(each.variables), default=None)


async def need_documented(response: httpx.Response) -> None:
    """A hook of httpx: fails the test whose answer is not as documented."""
    operation = operation_of(response.request.method, response.request.url.raw_path.decode().partition("?")[0])
    if operation is not None:
        told = operation.told["responses"].get(str(response.status_code))
        assert told is not None, f"{operation.name} does not say that it answers {response.status_code}"
        sent = {name for name in HEADERS if name in response.headers}
        assert sent == {name.lower() for name in told.get("headers", {})}, (operation.name, response.status_code)
        await _need_code(operation, response, told)


async def _need_code(operation: Operation, response: httpx.Response, told: dict[str, Any]) -> None:
    if response.headers.get("content-type") == PROBLEM:
        await response.aread()
        code = response.json()["code"]
        assert code in told["content"][PROBLEM]["examples"], f"{operation.name} does not say that it answers {code}"
