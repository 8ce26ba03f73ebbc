"""The responses of operations: documents and outputs as finished JSON, with ETag and Location."""

from collections.abc import Awaitable, Callable
from typing import Any

from pydantic import BaseModel
from starlette.responses import Response

from crossdock.documents import Document
from crossdock.errors import NotFound
from crossdock.idempotency import Owner, StoredAnswer, find_answer, keep_answer
from crossdock.transaction import Transaction
from crossdock.web.dependencies import IdempotencyKey

KEPT_HEADERS = ("etag", "location")


def etagged(status: int) -> dict[int | str, dict[str, Any]]:
    """The `responses=` of an operation that answers with an ETag; with status 201 with a Location too."""
    return _with_headers(status, "ETag", *(["Location"] if status == 201 else []))


def located() -> dict[int | str, dict[str, Any]]:
    """The `responses=` of an operation that makes what never changes: a Location, and no ETag."""
    return _with_headers(201, "Location")


def unstored() -> dict[int | str, dict[str, Any]]:
    """The `responses=` of an operation whose answer has secrets in it, so that no cache may keep it."""
    return _with_headers(200, "Cache-Control")


def _with_headers(status: int, *names: str) -> dict[int | str, dict[str, Any]]:
    return {status: {"headers": {name: {"$ref": f"#/components/headers/{name}"} for name in names}}}


def answer(
    output: BaseModel, status: int = 200, *, version: int | None = None, location: str | None = None
) -> Response:
    """An output as JSON. `version` becomes the ETag."""
    return _response(output.model_dump_json().encode(), status, version, location)


def found(document: Document | None) -> Response:
    """A document, with its version as the ETag. Raises NotFound for None."""
    if document is None:
        raise NotFound
    return listed(document)


def listed(document: Document) -> Response:
    """A list, which is answered also when it is empty."""
    return _response(document.body, 200, document.version, None)


def no_content() -> Response:
    """What was asked for is done, and there is nothing to say about it."""
    return Response(status_code=204)


def _response(body: bytes, status: int, version: int | None, location: str | None) -> Response:
    return Finished(body, status, version, location)


class Finished(Response):
    """JSON as bytes. Its headers are set directly, which costs less than Starlette's own constructor."""

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
    tx: Transaction,
    key: IdempotencyKey | None,
    work: Callable[[], Awaitable[Response]],
    *,
    owner: Owner | None = None,
) -> Response:
    """Does `work` once per Idempotency-Key of an owner: a second call gets the first one's answer.

    The owner is the transaction's tenant. Before there is a tenant, give any values for the columns of the tenancy that
    stand for whose key it is.
    """
    if key is None:
        return await work()
    owner = tx.tenant_key if owner is None else owner
    kept = await find_answer(tx, owner, key.key, key.request_hash)
    if kept is not None:
        return Response(kept.body, kept.status, kept.headers, "application/json")
    response = await work()
    headers = {name: response.headers[name] for name in KEPT_HEADERS if name in response.headers}
    body = bytes(response.body)
    await keep_answer(tx, owner, key.key, key.request_hash, StoredAnswer(response.status_code, headers, body))
    return response
