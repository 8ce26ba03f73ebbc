"""The response that shows one bid, with its ETag."""

from starlette.responses import Response

from crossdock.web.responses import answer
from freight.modules.bids.schemas.offers import BidOut
from freight.modules.bids.store import BidRow


def answer_bid(bid: BidRow, status: int = 200) -> Response:
    """With 201, for a bid that was just made, the Location header too."""
    location = f"/v1/bids/{bid.id}" if status == 201 else None
    return answer(BidOut.model_validate(bid), status, version=bid.version, location=location)
