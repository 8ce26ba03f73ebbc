"""What there is to borrow: as it was before Crossdock, on Tortoise ORM."""
