"""The path and the method of a request, read as proxies before the service read them."""

import re
from collections.abc import MutableMapping
from typing import Any
from urllib.parse import unquote

Scope = MutableMapping[str, Any]

ENCODED_SLASH = re.compile("%2f", re.IGNORECASE)


def keep_encoded_slashes(scope: Scope) -> None:
    """A slash that is written as %2F is a character of its segment (RFC 3986, 2.2). ASGI's `path` has it decoded, as a
    slash between segments: `/v1/orders/{id}%2Foverview` would reach a route that a proxy's rules did not see."""
    raw: bytes = scope.get("raw_path") or b""
    if b"%2" in raw and ENCODED_SLASH.search(raw.decode("ascii", "replace")):
        scope["path"] = unquote(ENCODED_SLASH.sub("%252F", raw.decode("ascii", "replace")))


def as_get(scope: Scope) -> Scope:
    """HEAD is GET without a body (RFC 9110, 9.3.2), on each path that has a GET. The scope itself stays: the server
    looks there whether to send a body."""
    return {**scope, "method": "GET"} if scope["method"] == "HEAD" else scope
