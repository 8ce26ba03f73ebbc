"""What `crossdock serve` prints once it answers: the addresses, and how to sign in to the demo data."""

import http.client
import json
import threading
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

from crossdock.cli.output import emit, say
from crossdock.operations.demo import Demo

POLL_S = 0.05
ANSWER_S = 5.0


class Announcement:
    """Inside the block a thread asks /readyz until there is an answer, prints once, and is done."""

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
            state = self._readiness()
            if state is not None and not self._ended.is_set():
                self._print(state)
                return

    def _readiness(self) -> dict[str, Any] | None:
        """The body of /readyz, whatever it says, or None while there is no answer."""
        connection = http.client.HTTPConnection(urlsplit(self._url).netloc, timeout=ANSWER_S)
        try:
            connection.request("GET", "/readyz")
            state: dict[str, Any] = json.loads(connection.getresponse().read())
        except (OSError, http.client.HTTPException, ValueError):
            return None
        finally:
            connection.close()
        return state

    def _print(self, state: dict[str, Any]) -> None:
        facts: dict[str, Any] = {"url": self._url, "docs": f"{self._url}/docs", **state}
        if self._demo is not None:
            facts["demo"] = {"emails": list(self._demo.emails), "password": self._demo.password}
        if self._as_json:
            emit(facts, in_one_line=True)
        else:
            say("\n".join(_lines(facts)))


def _lines(facts: dict[str, Any]) -> list[str]:
    state = "ready" if facts["ready"] else "up, and not ready: see /readyz"
    lines = [
        "",
        f"[bold]Crossdock is {state}.[/]",
        f"  API      [bold]{facts['url']}[/]",
        f"  Docs     {facts['docs']}",
        f"  Health   {facts['url']}/readyz",
        f"  Metrics  {facts['url']}/metrics",
    ]
    if "demo" in facts:
        head, *others = facts["demo"]["emails"]
        lines += [f"  Sign in  {head}", *(f"           {email}" for email in others)]
        lines += [f"           each with the password [bold]{facts['demo']['password']}[/]"]
    return [*lines, "  Ctrl-C ends it.", ""]
