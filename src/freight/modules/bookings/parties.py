"""A deal has two parties, and each step of it belongs to one of them."""

from uuid import UUID

from crossdock.errors import Forbidden
from freight.modules.accounts.api import Caller


class NotTheShipper(Forbidden):
    """Only the shipper, whose booking it is, may do this.

    Leave it to the people of the company that wants it carried.
    """


class NotTheCarrier(Forbidden):
    """Only the carrier, whose bid it is, may do this.

    Leave it to the people of the company that carries it.
    """


def need_shipper(caller: Caller, shipper_id: UUID) -> None:
    """Raises NotTheShipper for anybody else of the two who see the deal."""
    if caller.company_id != shipper_id:
        raise NotTheShipper


def need_carrier(caller: Caller, carrier_id: UUID) -> None:
    """Raises NotTheCarrier for anybody else of the two who see the deal."""
    if caller.company_id != carrier_id:
        raise NotTheCarrier
