"""Requests that work, read from the OpenAPI document alone: its examples, and the ids that its own lists give."""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx

Document = dict[str, Any]
JSON, FORM = "application/json", "application/x-www-form-urlencoded"


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation of the document."""

    method: str
    path: str
    told: dict[str, Any]

    @property
    def name(self) -> str:
        return str(self.told["operationId"])

    @property
    def variables(self) -> list[str]:
        """Those of its path, such as `booking_id`."""
        return re.findall(r"{(\w+)}", self.path)

    def url(self, ids: dict[str, str]) -> str:
        return self.path.format_map(ids)

    def examples(self, where: str) -> dict[str, Any]:
        """Of its parameters in the query or the headers, those that have one."""
        named = {each["name"]: each["schema"] for each in self.told.get("parameters", ()) if each["in"] == where}
        return {name: schema["examples"][0] for name, schema in named.items() if "examples" in schema}

    @property
    def request(self) -> dict[str, Any]:
        """What httpx takes besides method and address: headers and body as the examples have them."""
        content = self.told.get("requestBody", {}).get("content", {})
        bodies = {word: content[kind]["example"] for word, kind in BODIES if "example" in content.get(kind, {})}
        return {"headers": self.examples("header"), **bodies}


BODIES = (("json", JSON), ("data", FORM))


def operations(document: Document) -> list[Operation]:
    """In the order of the document."""
    return [
        Operation(method.upper(), path, told)
        for path, item in document["paths"].items()
        for method, told in item.items()
    ]


async def known_ids(document: Document, *people: httpx.AsyncClient) -> dict[str, list[str]]:
    """`booking_id` → the bookings that these people can read, and so on for each variable of a path.

    Every GET is asked whose variables are known by then: lists first, and what hangs on the things in them.
    """
    gets = [each for each in operations(document) if each.method == "GET"]
    variables = variables_after(document)
    found: dict[str, dict[str, None]] = defaultdict(dict)  # dicts for their order
    for get in sorted(gets, key=lambda each: len(each.variables)):
        for person in people:
            for values in _combinations(get, found):
                answer = await person.get(get.url(values))
                if answer.status_code == 200:
                    _keep(answer.json(), variables.get(get.path.rpartition("/")[2]), found)
    return {name: list(ids) for name, ids in found.items() if ids}


async def ids_of_all(document: Document, *people: httpx.AsyncClient) -> dict[str, list[str]]:
    """The same, and where there is nothing of a kind, one is made first by the example of its POST: so a module whose
    things nobody else knows of has some too."""
    found = await known_ids(document, *people)
    missing = {each.path.rpartition("/{")[0] for each in operations(document) if set(each.variables) - found.keys()}
    for operation in operations(document):
        if operation.method == "POST" and operation.path in missing and not operation.variables:
            answers = [await person.request("POST", operation.path, **operation.request) for person in people]
            assert any(answer.is_success for answer in answers), [answer.text for answer in answers]
    return await known_ids(document, *people) if missing else found


def variables_after(document: Document) -> dict[str, str]:
    """`bookings` → `booking_id`, from `/v1/bookings/{booking_id}`: what the items of a list are called elsewhere."""
    pairs = (re.findall(r"([\w-]+)/{(\w+)}", path) for path in document["paths"])
    return {word: variable for each in pairs for word, variable in each}


def _combinations(get: Operation, found: dict[str, dict[str, None]]) -> Iterator[dict[str, str]]:
    if not get.variables:
        yield {}
    elif len(get.variables) == 1:
        (variable,) = get.variables
        yield from ({variable: each} for each in list(found[variable]))


def _keep(body: Any, variable: str | None, found: dict[str, dict[str, None]]) -> None:
    """Ids under their own names, and the `id` of each item of a list, or what the address calls it (`module`)."""
    if isinstance(body, list):
        for each in body:
            _keep(each, variable, found)
    elif isinstance(body, dict):
        if variable is not None and {"id", variable} & body.keys():
            found[variable][body.get("id") or body[variable]] = None
        for name, value in body.items():
            if name.endswith("_id") and isinstance(value, str):
                found[name][value] = None
            else:
                _keep(value, variable if name == "items" else None, found)
