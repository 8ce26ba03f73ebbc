"""What `crossdock serve` prints once it answers: the addresses, and how to sign in to the demo data."""

import http.client
import json
import threading
from http import HTTPStatus
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from rich.markup import escape

from crossdock.cli.output import emit, say
from crossdock.operations.demo import Demo

POLL_S = 0.05
ANSWER_S = 5.0


class Announcement:
    """Inside the block a thread asks the service until it answers, prints once, and ends.

    It asks for /readyz, which the HTTP shell of `crossdock.web.app` has. An app of another kind answers as well, if
    only with a 404, and is announced by its address.
    """

    def __init__(self, url: str, *, demo: Demo | None, as_json: bool) -> None:
        self._url = url
        self._demo = demo
        self._as_json = as_json
        self._ended = threading.Event()

    def __enter__(self) -> Self:
        threading.Thread(target=self._wait, name="announcement", daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()

    def _wait(self) -> None:
        while not self._ended.wait(POLL_S):
            answer = self._ask("/readyz")
            if answer is None:
                continue
            state = readiness(answer[1])
            has_docs = state is not None or (self._ask("/docs") or (0, b""))[0] == HTTPStatus.OK
            if not self._ended.is_set():
                self._print(state or {}, has_docs=has_docs)
            return

    def _ask(self, path: str) -> tuple[int, bytes] | None:
        """Status and body, None while there is no answer."""
        connection = http.client.HTTPConnection(urlsplit(self._url).netloc, timeout=ANSWER_S)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            return response.status, response.read()
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()

    def _print(self, state: dict[str, Any], *, has_docs: bool) -> None:
        facts: dict[str, Any] = {"url": self._url} | ({"docs": f"{self._url}/docs"} if has_docs else {}) | state
        if self._demo is not None:
            facts["demo"] = {"emails": list(self._demo.emails), "password": self._demo.password}
        if self._as_json:
            emit(facts, in_one_line=True)
        else:
            say("\n".join(_lines(facts)))


def readiness(body: bytes) -> dict[str, Any] | None:
    """What the shell's /readyz says, whether it is ready or not. None for a body of another kind."""
    try:
        state = json.loads(body)
    except ValueError:
        return None
    return state if isinstance(state, dict) and isinstance(state.get("ready"), bool) else None


def _lines(facts: dict[str, Any]) -> list[str]:
    has_shell = "ready" in facts
    state = "ready" if facts.get("ready", True) else "up, and not ready: see /readyz"
    lines = ["", f"[bold]The service is {state}.[/]", f"  API      [bold]{facts['url']}[/]"]
    if "docs" in facts:
        lines.append(f"  Docs     {facts['docs']}")
    if has_shell:
        lines += [f"  Health   {facts['url']}/readyz", f"  Metrics  {facts['url']}/metrics"]
    return [*lines, *_sign_in(facts.get("demo", {})), "  Ctrl-C ends it.", ""]


def _sign_in(demo: dict[str, Any]) -> list[str]:
    """Who may sign in to the demo data, if anybody."""
    if not demo.get("emails"):
        return []
    head, *others = (escape(email) for email in demo["emails"])
    lines = [f"  Sign in  {head}", *(f"           {email}" for email in others)]
    return [*lines, f"           each with the password [bold]{escape(demo['password'])}[/]"]
