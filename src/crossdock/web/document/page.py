"""A page with every error code of the OpenAPI document: its meaning, its remedy, and the operations that have it."""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

from crossdock.web import refusals
from crossdock.web.document.problems import code_of
from crossdock.web.errors import status_of

HEAD = """# Errors

Made by `crossdock openapi --errors > docs/errors.md` from the code that raises them; a test says when this page is old.

Every refusal is `application/problem+json` ([RFC 9457](https://www.rfc-editor.org/rfc/rfc9457)). `code` is stable: a
client decides by it, and shows `detail` to people. `errors` names each field at fault by its path, such as
`body.quantity`. `request_id` finds the request in the service's log.

The OpenAPI document has at each operation the codes that it can answer. They are read from its code: each error that is
named on the way from the route down. So an operation may list one that another check makes impossible."""
NAMED_MAX = 6
"""How many operations are named one by one. More are not counted, since each new module would change the number."""


@dataclass(slots=True)
class Listed:
    """One code."""

    code: str
    status: int
    meaning: str
    remedy: str
    operations: list[str] = field(default_factory=list)


def listed(document: dict[str, Any]) -> list[Listed]:
    """By status and code. Two codes are of no operation: those of an unknown address, and of a wrong method."""
    found = {
        code: Listed(code, example["value"]["status"], example["summary"], example["description"])
        for code, example in document["components"]["examples"].items()
    }
    for kind in (refusals.NoSuchRoute, refusals.MethodNotAllowed):
        found[code_of(kind)] = Listed(code_of(kind), status_of(kind), kind.meaning(), kind.remedy())
    for operation in _operations(document):
        for response in operation["responses"].values():
            for content in response.get("content", {}).values():
                for code in content.get("examples", ()):
                    found[code].operations.append(operation["operationId"])
    return sorted(found.values(), key=lambda each: (each.status, each.code))


def as_json(document: dict[str, Any]) -> list[dict[str, Any]]:
    """The list for programs."""
    return [asdict(each) for each in listed(document)]


def as_page(document: dict[str, Any]) -> str:
    """`docs/errors.md`."""
    every, parts = len(list(_operations(document))), [HEAD]
    status = 0
    for each in listed(document):
        if each.status != status:
            status = each.status
            parts.append(f"\n## {status}\n\n| code | what it means | what to do | answered by |")
            parts.append("| --- | --- | --- | --- |")
        parts.append(f"| `{each.code}` | {each.meaning} | {each.remedy} | {_who(each.operations, every)} |")
    return "\n".join(parts) + "\n"


def _who(operations: list[str], every: int) -> str:
    if not operations:
        return "any address"
    if len(operations) == every:
        return "every operation"
    if len(operations) > NAMED_MAX:
        return "many operations"
    return ", ".join(f"`{name}`" for name in operations)


def _operations(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    return (operation for path in document["paths"].values() for operation in path.values())
