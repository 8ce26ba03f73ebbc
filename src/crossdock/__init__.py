"""Crossdock: Tortoise ORM and SQLAlchemy on one PostgreSQL, in one transaction, and the way from one to the other."""
