"""The SQLAlchemy side's declarative base, and the tables that the kernel owns itself."""
