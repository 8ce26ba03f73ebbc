"""Where a request comes from: the address of the connection and the User-Agent header."""

from fastapi import Request

from freight.modules.accounts.service.signing_in.sign_in import Device

USER_AGENT_LENGTH_MAX, ADDRESS_LENGTH_MAX = 300, 64


def device_of(request: Request) -> Device:
    """Both are cut to a maximum length. A NUL byte is removed, which PostgreSQL would refuse."""
    agent = request.headers.get("user-agent", "").replace("\0", "")[:USER_AGENT_LENGTH_MAX]
    return Device(request.client.host[:ADDRESS_LENGTH_MAX] if request.client else None, agent or None)
