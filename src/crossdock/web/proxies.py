"""The address that a request comes from, where proxies stand before the service.

A client may write anything into X-Forwarded-For. Each proxy adds to its end the address that it got the request from.
So the list is read from its end, for as long as the address that is read belongs to a trusted proxy.
"""

import re
from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Any

import structlog
from starlette.types import ASGIApp, Receive, Scope, Send

log = structlog.get_logger(__name__)

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

FOR, PROTO, STANDARD = b"x-forwarded-for", b"x-forwarded-proto", b"forwarded"
SCHEMES = {b"http", b"https"}
WITH_PORT = re.compile(r"(?P<v4>[0-9.]+):(?P<port4>\d{1,5})|\[(?P<v6>[^\]]+)\](?::(?P<port6>\d{1,5}))?")


class Forwarded:
    """Middleware that puts the client's address and scheme into a request's scope, as trusted proxies report them."""

    def __init__(self, app: ASGIApp, trusted: Sequence[Network]) -> None:
        self._app = app
        self._trusted = tuple(trusted)
        self._has_warned = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            self._read(scope)
        await self._app(scope, receive, send)

    def _read(self, scope: Scope) -> None:
        sent = [(name, value) for name, value in scope["headers"] if name in (FOR, PROTO, STANDARD)]
        if not sent:
            return
        peer = address_of(scope["client"][0]) if scope.get("client") else None
        if peer is None or not self._trusts(peer):
            self._warn(peer, sent)
            return
        hops = b",".join(value for name, value in sent if name == FOR).decode("latin-1").split(",")
        client, port = self._client(peer, hops)
        if client is not peer:
            scope["client"] = (str(client), port)
        scheme = b",".join(value for name, value in sent if name == PROTO).rpartition(b",")[2].strip()
        if scheme in SCHEMES:
            scope["scheme"] = scheme.decode()

    def _client(self, peer: Address, hops: Sequence[str]) -> tuple[Address, int]:
        """The nearest address that is no trusted proxy. What stands before a text that is no address does not count."""
        found = peer, 0
        for hop in reversed(hops):
            address = address_of(hop)
            if address is None:
                break
            found = address, _port(hop)
            if not self._trusts(address):
                break
        return found

    def _trusts(self, address: Address) -> bool:
        return any(address in network for network in self._trusted)

    def _warn(self, peer: Address | None, sent: list[tuple[bytes, bytes]]) -> None:
        """Logs a warning, once in a process. Until a proxy is named in the settings, all clients behind it seem to have
        its address."""
        if not self._has_warned:
            self._has_warned = True
            log.warning(
                "forwarding_header_not_trusted",
                header=sent[0][0].decode(),
                sent_by=str(peer),
                remedy="If this is a proxy of yours, name it in CROSSDOCK_HTTP__TRUSTED_PROXIES.",
            )


def address_of(text: str) -> Address | None:
    """The IP address that a text is, with a port or without; None for everything else. An IPv4 address that came by
    IPv6 is an IPv4 address."""
    text = text.strip()
    with_port = WITH_PORT.fullmatch(text)
    if with_port:
        text = with_port["v4"] or with_port["v6"]
    try:
        address: Any = ip_address(text)
    except ValueError:
        return None
    if getattr(address, "scope_id", None):  # `fe80::1%anything`: it means something on one machine, and is free text
        return None
    found: Address = getattr(address, "ipv4_mapped", None) or address
    return found


def _port(text: str) -> int:
    with_port = WITH_PORT.fullmatch(text.strip())
    return int((with_port["port4"] or with_port["port6"] or 0) if with_port else 0)
