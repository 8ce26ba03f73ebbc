"""A library: the catalogue is on Tortoise ORM, lending on SQLAlchemy, and both are in one PostgreSQL."""
