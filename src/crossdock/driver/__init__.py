"""One connection of asyncpg, the driver underneath both ORMs, and how both are made to share it.

Nothing here knows a pool or a unit of work.
"""
