"""Crossdock: a freight marketplace's backend on two ORMs, one transaction and one PostgreSQL."""
