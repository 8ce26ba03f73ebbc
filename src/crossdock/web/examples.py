"""What each refusal looks like, for the OpenAPI page. They are made as the real ones are, so they cannot differ."""

from typing import Any

import orjson

from crossdock.kernel import errors
from crossdock.kernel.errors import CrossdockError
from crossdock.web.errors import problem, status_of

SCOPE = {
    "path": "/v1/bookings/0197a3c2-7d3e-7b1a-9a52-0f7c5e1d2b3a",
    "state": {"request_id": "0197a3c2-8f00-7c11-8d2e-3b5a6c7d8e9f"},
}
REFUSALS: tuple[CrossdockError, ...] = (
    errors.Unauthenticated(),
    errors.Forbidden(),
    errors.NotFound(),
    errors.WrongState("booking", "draft", "awarded", ("open", "cancelled")),
    errors.PreconditionFailed(),
    errors.PreconditionRequired(),
    errors.TooManyRequests(),
    errors.PoolExhausted(),
    errors.OutcomeUnknown(),
)
NOT_JSON = {"path": "body", "message": "This is not JSON: Expecting value.", "code": "json_invalid"}
TOO_LIGHT = {"path": "body.weight_kg", "message": "Input should be greater than 0", "code": "greater_than"}


def _told(status: int, code: str, detail: str, **more: Any) -> tuple[int, str, dict[str, Any]]:
    return status, code, orjson.loads(problem(SCOPE, status, code, detail, **more).body)


def _examples() -> dict[int, dict[str, Any]]:
    told = [
        _told(400, "bad_request", "The body cannot be read: see errors.", fields=[NOT_JSON]),
        _told(413, "body_too_large", "The body is over 1000000 bytes."),
        _told(422, "invalid_input", "The input does not fit: see errors.", fields=[TOO_LIGHT]),
        *(_told(status_of(error), error.code, str(error), details=error.details) for error in REFUSALS),
    ]
    examples: dict[int, dict[str, Any]] = {}
    for status, code, body in told:
        examples.setdefault(status, {})[code] = body
    return examples


EXAMPLES = _examples()
"""Status → code → an example of such a problem."""
