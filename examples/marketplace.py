"""A small client of the marketplace for the examples: one signed-in company a client, and a service to talk to."""

import ipaddress
import json
import subprocess
import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

PASSWORD = "correct horse battery"  # noqa: S105  of companies that live for one run
USUAL_URL = "http://127.0.0.1:8000"


class Off(Exception):
    """Something is not as it should be."""


def check(is_so: bool, otherwise: str) -> None:
    """Raises Off, saying what is wrong."""
    if not is_so:
        raise Off(otherwise)


def is_loopback(url: str) -> bool:
    """Whether a service is on this machine. Such a one is never asked through a proxy that the environment names: that
    would look on its own machine."""
    host = urlsplit(url).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def minor(amount: str) -> dict[str, Any]:
    """`5000.00` as the API takes it: whole cents and a currency."""
    return {"amount_minor": int(Decimal(amount) * 100), "currency": "EUR"}


def shown(money: dict[str, Any]) -> str:
    """Money as a person reads it: 5,000.00 EUR."""
    return f"{Decimal(money['amount_minor']) / 100:,.2f} {money['currency']}"


@dataclass
class Company:
    """A company's signed-in admin. `get`, `post` and `refused` check the status and return the body."""

    name: str
    kind: str
    http: httpx.Client = field(repr=False)
    id: str = ""

    @classmethod
    def register(cls, url: str, name: str, kind: str, person: str) -> "Company":
        """Registers it with its first admin, and signs them in."""
        http = httpx.Client(base_url=url, timeout=30, trust_env=not is_loopback(url))
        email = f"{person.lower()}@{name.lower().replace(' ', '-')}.example"
        body = {
            "company": {"name": name, "kind": kind},
            "user": {"name": person, "email": email, "password": PASSWORD},
        }
        company = cls(name, kind, http)
        company.id = company.post("/v1/auth/register", body, 201)["company"]["id"]
        tokens = _body(http.post("/v1/auth/token", data={"username": email, "password": PASSWORD}), 200)
        http.headers["Authorization"] = f"Bearer {tokens['access_token']}"
        return company

    def get(self, path: str) -> Any:
        return _body(self.http.get(path), 200)

    def post(self, path: str, body: dict[str, Any] | None = None, status: int = 200) -> Any:
        """With a key of its own, so that a retry over a bad line would not do it twice."""
        return _body(self.http.post(path, json=body, headers={"Idempotency-Key": str(uuid.uuid4())}), status)

    def sees(self, path: str) -> bool:
        """Whether there is such a thing for this company; another's looks the same as none."""
        response = self.http.get(path)
        if response.status_code == 404:
            return False
        _body(response, 200)
        return True

    def account(self, kind: str) -> dict[str, Any] | None:
        """One of its ledger accounts, by kind."""
        accounts: list[dict[str, Any]] = self.get("/v1/ledger/accounts")["items"]
        return next((account for account in accounts if account["kind"] == kind), None)


def _body(response: httpx.Response, status: int) -> Any:
    request = response.request
    if response.status_code != status:
        raise Off(f"{request.method} {request.url.path} answered {response.status_code}, not {status}: {response.text}")
    return response.json() if response.content else None


@contextmanager
def service(url: str | None) -> Iterator[str]:
    """The address of a running service: the one that is named, the usual one, or one that is started for the time."""
    if url is not None:
        check(_answers(url), f"Nothing answers at {url}: start a service with `make run`.")
    if url is not None or _answers(USUAL_URL):
        yield url or USUAL_URL
        return
    command = Path(sys.executable).with_name("crossdock")
    process = subprocess.Popen(
        [command, "serve", "--port", "0", "--json"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    try:
        assert process.stdout is not None
        first = process.stdout.readline()
        check(bool(first), "No service runs, and none could be started: `crossdock doctor` says why.")
        yield json.loads(first)["url"]
    finally:
        process.terminate()
        process.wait()


def _answers(url: str) -> bool:
    try:
        return httpx.get(f"{url}/healthz", timeout=2, trust_env=not is_loopback(url)).is_success
    except httpx.HTTPError:
        return False
