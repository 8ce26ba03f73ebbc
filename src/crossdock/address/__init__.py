"""Where a database is: read once from a URL, spelled out for each driver, and never shown with its password."""

from crossdock.address.address import Address

__all__ = ["Address"]
