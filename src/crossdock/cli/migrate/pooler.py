"""A pooler after a migration: its sessions may hold statements that were prepared for the tables as they were."""

from dataclasses import replace

from crossdock.address import Address
from crossdock.cli.output import note
from crossdock.config.settings import Settings
from crossdock.driver.connection import FAILURES
from crossdock.driver.pooler import Pooler, reconnect
from crossdock.errors import CrossdockError
from crossdock.pools.lane import find_pooled_lane


async def refresh_poolers(settings: Settings) -> None:
    """Has each pooler of the pooled lane connect anew, or says what to do. The migration is done, whatever comes of it
    here."""
    if settings.has_one_address:
        return
    try:
        lane = await find_pooled_lane(settings)
    except (CrossdockError, *FAILURES) as error:
        note(f"Whether a pooler stands on the pooled lane is not known: {error}")
        return
    for address, pooler in lane.ways.items():
        if pooler is not None:
            await _refresh(address, pooler, settings.direct)


async def _refresh(address: Address, pooler: Pooler, owner: Address) -> None:
    """By the login of the direct lane, which changes the tables."""
    if await reconnect(replace(address, user=owner.user, password=owner.password)):
        note(f"{_capital(pooler)} connects anew: no session has statements of before.")
    else:
        note(
            f"{_capital(pooler)} at {address} may hold statements that were prepared before: send it"
            f" RECONNECT on its console. With {owner.user} among its admin_users that is done here."
        )


def _capital(pooler: Pooler) -> str:
    text = str(pooler)
    return text[0].upper() + text[1:]
