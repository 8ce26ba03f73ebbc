"""Bids over HTTP: `offers` is what a carrier does before the award, `deal` is the award and all that follows it."""

from fastapi import APIRouter

from freight.modules.bids.routes import deal, offers

router = APIRouter()
router.include_router(offers.router)
router.include_router(deal.router)
