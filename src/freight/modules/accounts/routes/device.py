"""Where a request comes from, as far as the connection and its headers tell."""

from fastapi import Request

from freight.modules.accounts.service.signing_in.sign_in import Device

USER_AGENT_LENGTH_MAX, ADDRESS_LENGTH_MAX = 300, 64


def device_of(request: Request) -> Device:
    """What a client may make up is cut to size; a NUL byte would be refused by the database."""
    agent = request.headers.get("user-agent", "").replace("\0", "")[:USER_AGENT_LENGTH_MAX]
    return Device(request.client.host[:ADDRESS_LENGTH_MAX] if request.client else None, agent or None)
