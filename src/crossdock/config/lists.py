"""Settings that are lists, written with commas between: networks, and the origins of web pages."""

import re
from collections.abc import Sequence
from ipaddress import IPv4Network, IPv6Network, ip_network
from typing import Annotated

from pydantic import BeforeValidator
from pydantic_settings import NoDecode

Network = IPv4Network | IPv6Network

ORIGIN = re.compile(r"https?://[A-Za-z0-9.-]+(:\d{1,5})?|https?://\[[0-9A-Fa-f:.]+\](:\d{1,5})?")


def _listed(given: str | Sequence[object]) -> list[object]:
    if isinstance(given, str):
        return [word.strip() for word in given.split(",") if word.strip()]
    return list(given)


def networks(given: str | Sequence[object]) -> tuple[Network, ...]:
    """`10.0.0.0/8, 192.0.2.7`. Raises ValueError for what is none, and for a network of everybody: who trusts all has
    each client choose its own address."""
    try:
        found = tuple(ip_network(str(each)) for each in _listed(given))
    except ValueError:
        raise ValueError("write networks or addresses, as in 10.0.0.0/8,192.0.2.7") from None
    if any(network.prefixlen == 0 for network in found):
        raise ValueError("this is everybody: each client could then choose its own address")
    return found


def origins(given: str | Sequence[object]) -> tuple[str, ...]:
    """`https://app.example,http://localhost:3000`, or `*`. Raises ValueError for what a browser would not send."""
    found = tuple(str(each) for each in _listed(given))
    if any(each != "*" and not ORIGIN.fullmatch(each) for each in found):
        raise ValueError(
            "write origins as a browser sends them, scheme and host: https://app.example,http://localhost:3000"
        )
    return tuple(each.lower() for each in found)


Networks = Annotated[tuple[Network, ...], NoDecode, BeforeValidator(networks)]
Origins = Annotated[tuple[str, ...], NoDecode, BeforeValidator(origins)]
