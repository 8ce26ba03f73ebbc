"""Bids in and out of HTTP: `offers` are bids and what shows them, `deal` is what an award leads to."""
