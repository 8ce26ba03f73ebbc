"""Whose address a request has, behind proxies and without: those who are trusted are believed, and nobody else."""

from collections.abc import AsyncIterator
from ipaddress import ip_network
from typing import Any

import httpx
import pytest
from structlog.testing import CapturingLogger

from crossdock.config.lists import networks
from crossdock.config.settings import HttpSettings
from crossdock.errors import ConfigurationError
from crossdock.web import proxies
from crossdock.web.proxies import Forwarded
from freight.modules.accounts.service.signing_in.throttle import keys_of
from tests.world import Server, World, database_name, ok

TRUSTED = tuple(map(ip_network, ("10.0.0.0/8", "127.0.0.1/32", "2001:db8:ffff::/48")))

CASES: dict[str, tuple[str, list[str], str]] = {
    "one proxy": ("10.0.0.1", ["203.0.113.9"], "203.0.113.9"),
    "what the client wrote before": ("10.0.0.1", ["198.51.100.1, 203.0.113.9"], "203.0.113.9"),
    "two proxies of ours": ("10.0.0.1", ["198.51.100.1, 203.0.113.9, 10.2.3.4"], "203.0.113.9"),
    "two headers": ("10.0.0.1", ["198.51.100.1", "203.0.113.9"], "203.0.113.9"),
    "two headers, the last of a proxy": ("10.0.0.1", ["203.0.113.9", "10.9.9.9"], "203.0.113.9"),
    "a port": ("10.0.0.1", ["203.0.113.9:4711"], "203.0.113.9"),
    "an IPv6 address": ("2001:db8:ffff::1", ["2001:db8::7"], "2001:db8::7"),
    "one in brackets": ("10.0.0.1", ["[2001:DB8::7]"], "2001:db8::7"),
    "one with a port": ("10.0.0.1", ["[2001:db8::7]:4711"], "2001:db8::7"),
    "IPv4 that came by IPv6": ("::ffff:10.0.0.1", ["::ffff:203.0.113.9"], "203.0.113.9"),
    "a proxy asks by itself": ("10.0.0.1", ["10.5.5.5"], "10.5.5.5"),
    "no address": ("10.0.0.1", ["unknown"], "10.0.0.1"),
    "no address, behind two of ours": ("10.0.0.1", ["203.0.113.9, _hidden, 10.2.3.4"], "10.2.3.4"),
    "a name": ("10.0.0.1", ["client.example"], "10.0.0.1"),
    "nothing": ("10.0.0.1", [""], "10.0.0.1"),
    "a comma at the end": ("10.0.0.1", ["203.0.113.9,"], "10.0.0.1"),
    "a zone, which is free text": ("10.0.0.1", ["fe80::1%anything"], "10.0.0.1"),
    "bytes that are no text": ("10.0.0.1", ["203.0.113.9\xff"], "10.0.0.1"),
    "nobody is trusted here": ("192.0.2.1", ["203.0.113.9"], "192.0.2.1"),
    "this machine, where it is not named": ("127.0.0.2", ["203.0.113.9"], "127.0.0.2"),
    "who is no address": ("testclient", ["203.0.113.9"], "testclient"),
}


async def seen(peer: str, headers: list[tuple[str, str]], trusted: Any = TRUSTED) -> dict[str, Any]:
    """The scope as the app behind has it."""
    found: dict[str, Any] = {}

    async def app(scope: Any, _receive: Any, _send: Any) -> None:
        found.update(scope)

    encoded = [(name.encode(), value.encode("latin-1")) for name, value in headers]
    scope = {"type": "http", "client": (peer, 1), "scheme": "http", "headers": encoded}
    await Forwarded(app, trusted)(scope, None, None)  # type: ignore[arg-type]
    return found


@pytest.mark.parametrize("what", CASES)
async def test_the_client_is_the_nearest_who_is_no_proxy_of_ours(what: str) -> None:
    """Read from the end, and no further than to what is no address."""
    peer, forwarded, client = CASES[what]
    scope = await seen(peer, [("x-forwarded-for", value) for value in forwarded])
    assert scope["client"][0] == client


@pytest.mark.parametrize(
    ("peer", "told", "scheme"),
    [("10.0.0.1", "https", "https"), ("10.0.0.1", "http, https", "https"), ("10.0.0.1", "gopher", "http"),
     ("192.0.2.1", "https", "http")],
)  # fmt: skip
async def test_the_scheme_is_believed_of_a_proxy_too(peer: str, told: str, scheme: str) -> None:
    """And it is one of HTTP's."""
    assert (await seen(peer, [("x-forwarded-proto", told)]))["scheme"] == scheme


@pytest.mark.parametrize("header", ["x-forwarded-for", "forwarded", "x-forwarded-proto"])
async def test_a_proxy_that_nobody_named_is_told_of_once(header: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the log, with its address and the setting."""
    log = CapturingLogger()
    monkeypatch.setattr(proxies, "log", log)

    async def app(*_: Any) -> None:
        pass

    forwarded = Forwarded(app, ())
    scope = {"type": "http", "client": ("10.0.0.1", 1), "headers": [(header.encode(), b"203.0.113.9")]}
    for _ in range(3):
        await forwarded(dict(scope), None, None)  # type: ignore[arg-type]
    (line,) = log.calls
    assert (line.method_name, line.args) == ("warning", ("forwarding_header_not_trusted",))
    assert (line.kwargs["header"], line.kwargs["sent_by"]) == (header, "10.0.0.1")
    assert "CROSSDOCK_HTTP__TRUSTED_PROXIES" in line.kwargs["remedy"]


@pytest.mark.parametrize("given", ["0.0.0.0/0", "::/0", "10.0.0.1/8", "proxy.example", "*", "10.0.0.1;10.0.0.2"])
def test_what_is_no_network_is_refused(given: str) -> None:
    """So is that of everybody: each client could choose its own address."""
    with pytest.raises(ValueError, match=r"networks or addresses|everybody"):
        networks(given)


def test_ipv4_clients_of_a_socket_for_both_are_not_one_client() -> None:
    """All of them are in one /64 of IPv6."""
    assert keys_of("a@b.example", "::ffff:203.0.113.9").address == keys_of("a@b.example", "203.0.113.9").address


@pytest.fixture
async def behind(server: Server, template: str) -> AsyncIterator[World]:
    """The app behind a proxy on 127.0.0.1, which is where these tests ask from."""
    name = database_name("behind_a_proxy")
    http = HttpSettings(trusted_proxies=networks("127.0.0.1"))
    async with World.open(await server.copy(name, template, http=http)) as world:
        yield world
    await server.drop(name)


async def sessions(world: World, forwarded: str) -> list[dict[str, Any]]:
    """Where a new person is signed in from, whose request came with a header."""
    person = await world.register("shipper")
    async with world.client() as http:
        form = {"username": person.email, "password": "correct horse battery"}
        ok(await http.post("/v1/auth/token", data=form, headers={"X-Forwarded-For": forwarded}))
    items: list[dict[str, Any]] = ok(await person.http.get("/v1/auth/sessions"))["items"]
    return items


async def test_a_session_has_the_address_of_its_client(behind: World, world: World) -> None:
    """The client's own behind a proxy that is named, else that of whoever connects."""
    assert [each["address"] for each in await sessions(behind, "203.0.113.9")] == ["203.0.113.9", "127.0.0.1"]
    assert [each["address"] for each in await sessions(world, "203.0.113.9")] == ["127.0.0.1", "127.0.0.1"]


def test_httpx_asks_from_loopback() -> None:
    """What the two tests above rest on."""
    assert httpx.ASGITransport(app=None).client[0] == "127.0.0.1"  # type: ignore[arg-type]


def test_the_setting_is_refused_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """In one line, like any other."""
    from crossdock.registry import load_settings as load

    monkeypatch.setenv("CROSSDOCK_HTTP__TRUSTED_PROXIES", "0.0.0.0/0")
    with pytest.raises(ConfigurationError, match="CROSSDOCK_HTTP__TRUSTED_PROXIES"):
        load()
