"""Refuses query parameters that the operation does not have, parameters sent twice, and bodies of a wrong type.

FastAPI ignores an unknown parameter, takes the last of two, and says of a form that is sent in place of JSON that it is
no dictionary.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from email.message import Message
from functools import lru_cache
from typing import Any

from fastapi import Request
from fastapi._compat import field_annotation_is_sequence
from fastapi.dependencies.models import Dependant
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute

from crossdock.web.refusals import UnsupportedMediaType

JSON, FORM = "application/json", "application/x-www-form-urlencoded"
CHARSETS = ("utf-8", "utf8", "us-ascii")
"""RFC 8259: JSON between systems is UTF-8. So is a form, which says so or says nothing."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What one operation takes."""

    single: frozenset[str]
    many: frozenset[str]
    body: str | None

    @property
    def names(self) -> list[str]:
        return sorted(self.single | self.many)


def need_expected(request: Request) -> None:
    """A dependency of every operation. Raises RequestValidationError or UnsupportedMediaType."""
    wanted = wanted_by(request.scope["route"])
    if request.scope["query_string"]:
        wrong = list(_wrong_parameters(request, wanted))
        if wrong:
            raise RequestValidationError(wrong)
    if wanted.body is not None and _has_body(request):
        sent = request.headers.get("content-type", "")
        if not is_type(sent, wanted.body):
            says = f"this one says {sent}" if sent else "this one does not say what it is"
            raise UnsupportedMediaType(f"Send the body as {wanted.body}, in UTF-8; {says}.")


_known: dict[Any, Wanted] = {}
"""By endpoint, since a route is not hashable."""


def wanted_by(route: APIRoute) -> Wanted:
    """What the operation of a route takes; worked out once."""
    known = _known.get(route.endpoint)
    if known is None:
        known = _known[route.endpoint] = _wanted_by(route)
    return known


def _wanted_by(route: APIRoute) -> Wanted:
    parts = list(every_dependant(route.dependant))
    queries = [field for part in parts for field in part.query_params]
    bodies = [field for part in parts for field in part.body_params]
    many = frozenset(each.alias for each in queries if field_annotation_is_sequence(each.field_info.annotation))
    is_form = any(type(each.field_info).__name__ in ("Form", "File") for each in bodies)
    body = (FORM if is_form else JSON) if bodies else None
    return Wanted(frozenset(each.alias for each in queries) - many, many, body)


def every_dependant(dependant: Dependant) -> Iterator[Dependant]:
    """That of an endpoint, and those of its dependencies, however deep."""
    yield dependant
    for each in dependant.dependencies:
        yield from every_dependant(each)


def _wrong_parameters(request: Request, wanted: Wanted) -> Iterator[dict[str, Any]]:
    sent = [name for name, _ in request.query_params.multi_items()]
    for name in dict.fromkeys(sent):
        if name not in wanted.single | wanted.many:
            here = f"those of this operation are {', '.join(wanted.names)}" if wanted.names else "there are none here"
            yield _wrong(name, "unknown_parameter", f"There is no parameter of this name: {here}")
        elif name in wanted.single and sent.count(name) > 1:
            yield _wrong(name, "repeated_parameter", "This parameter takes one value: send it once")


def _wrong(name: str, code: str, message: str) -> dict[str, Any]:
    return {"type": code, "loc": ("query", name), "msg": message, "input": name}


def _has_body(request: Request) -> bool:
    """RFC 9112, 6: a request has one when it says how long it is, or that it comes in chunks."""
    headers = request.headers
    return headers.get("content-length", "0") != "0" or "transfer-encoding" in headers


@lru_cache(maxsize=256)
def is_type(content_type: str, wanted: str) -> bool:
    """Whether a Content-Type is the wanted one in UTF-8; for JSON also one that is built on it, `.../...+json`."""
    message = Message()
    message["content-type"] = content_type
    charset = message.get_content_charset() or CHARSETS[0]
    kind = message.get_content_type() if content_type else ""
    built_on = wanted == JSON and kind.startswith("application/") and kind.endswith("+json")
    return (kind == wanted or built_on) and charset in CHARSETS
