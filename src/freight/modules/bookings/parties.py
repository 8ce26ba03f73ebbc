"""The two parties of a deal, shipper and carrier, and the checks which of them may take a step."""

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
    """Raises NotTheShipper for a caller of any other company."""
    if caller.company_id != shipper_id:
        raise NotTheShipper


def need_carrier(caller: Caller, carrier_id: UUID) -> None:
    """Raises NotTheCarrier for a caller of any other company."""
    if caller.company_id != carrier_id:
        raise NotTheCarrier
