"""Answers: documents and outputs as finished JSON with their ETag, and the problems that an operation declares."""

from collections.abc import Awaitable, Callable
from typing import Any
from uuid import UUID

from pydantic import BaseModel
from starlette.responses import Response

from crossdock.kernel.documents import Document
from crossdock.kernel.errors import NotFound
from crossdock.kernel.idempotency import StoredAnswer, find_answer, keep_answer
from crossdock.kernel.transaction import Transaction
from crossdock.web.dependencies import IdempotencyKey
from crossdock.web.examples import EXAMPLES
from crossdock.web.schemas import Problem

KEPT_HEADERS = ("etag", "location")
EXPLAINED = {
    400: "The body cannot be read as what its Content-Type says.",
    401: "No valid access token.",
    403: "Your role, your company's kind or your side of the deal does not allow it.",
    404: "Not there, or not yours to see.",
    409: "Not in the state that this needs.",
    412: "Changed since you read it.",
    413: "The body is too large.",
    422: "The input breaks the schema or a rule.",
    428: "If-Match is missing.",
    429: "Too many tries: see Retry-After.",
    503: (
        "Overloaded, cut off from the database, or too slow: see Retry-After. Unless `detail` says that nothing was "
        "written, read before you send it again, or send it with the same Idempotency-Key."
    ),
}


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The `responses=` of a route: these problems, and those that every operation has."""
    return {
        status: {
            "description": EXPLAINED[status],
            "content": {Problem.media_type: {"schema": _PROBLEM, "examples": _examples(status)}},
        }
        for status in sorted({*statuses, 400, 413, 422, 503})
    }


def etagged(status: int) -> dict[int | str, dict[str, Any]]:
    """The `responses=` of an answer that carries its version."""
    description = 'The version, as in `"3"`: send it in If-Match with the next change.'
    return {status: {"headers": {"ETag": {"description": description, "schema": {"type": "string"}}}}}


def _examples(status: int) -> dict[str, dict[str, str]]:
    return {code: {"$ref": f"#/components/examples/{code}"} for code in EXAMPLES[status]}


_PROBLEM = {"$ref": "#/components/schemas/Problem"}


def answer(
    output: BaseModel, status: int = 200, *, version: int | None = None, location: str | None = None
) -> Response:
    """An output as JSON. `version` becomes the ETag."""
    return _response(output.model_dump_json().encode(), status, version, location)


def found(document: Document | None) -> Response:
    """A document as it is. Raises NotFound for None."""
    if document is None:
        raise NotFound
    return _response(document.body, 200, document.version, None)


def no_content() -> Response:
    return Response(status_code=204)


def _response(body: bytes, status: int, version: int | None, location: str | None) -> Response:
    return Finished(body, status, version, location)


class Finished(Response):
    """JSON that is finished: its headers are written down, where Starlette would work them out."""

    def __init__(self, body: bytes, status: int, version: int | None, location: str | None) -> None:
        self.status_code = status
        self.background = None
        self.body = body
        self.raw_headers = [(b"content-length", b"%d" % len(body)), (b"content-type", b"application/json")]
        if version is not None:
            self.raw_headers.append((b"etag", b'"%d"' % version))
        if location is not None:
            self.raw_headers.append((b"location", location.encode("ascii")))


async def once(
    tx: Transaction, key: IdempotencyKey | None, company_id: UUID, work: Callable[[], Awaitable[Response]]
) -> Response:
    """Does `work` once per Idempotency-Key of a company: a second call gets the first one's answer.

    Before there is a company, `company_id` is any id that stands for whose key it is.
    """
    if key is None:
        return await work()
    kept = await find_answer(tx, company_id, key.key, key.request_hash)
    if kept is not None:
        return Response(kept.body, kept.status, kept.headers, "application/json")
    response = await work()
    headers = {name: response.headers[name] for name in KEPT_HEADERS if name in response.headers}
    body = bytes(response.body)
    await keep_answer(tx, company_id, key.key, key.request_hash, StoredAnswer(response.status_code, headers, body))
    return response
