"""The body of a request, as FastAPI reads it: JSON where the Content-Type says so, else bytes, which fit no schema."""

import json
from email.message import Message
from functools import lru_cache
from typing import Any

from fastapi._compat import Undefined
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request


async def read_body(request: Request) -> Any:
    """Raises RequestValidationError for what is not JSON, HTTPException for bytes that are no text."""
    try:
        body = await request.body()
        if not body:
            return Undefined
        return json.loads(body) if _is_json(request.headers.get("content-type", "")) else body
    except json.JSONDecodeError as error:
        broken = {"type": "json_invalid", "loc": ("body", error.pos), "msg": "JSON decode error", "input": {}}
        raise RequestValidationError([broken | {"ctx": {"error": error.msg}}], body=error.doc) from error
    except (
        ValueError,
        RecursionError,
        ClientDisconnect,
    ) as error:  # no text, brackets nested too deep, or a body that was cut off
        raise HTTPException(400, "There was an error parsing the body") from error


@lru_cache(maxsize=64)
def _is_json(content_type: str) -> bool:
    message = Message()
    message["content-type"] = content_type
    subtype = message.get_content_subtype()
    return message.get_content_maintype() == "application" and (subtype == "json" or subtype.endswith("+json"))
