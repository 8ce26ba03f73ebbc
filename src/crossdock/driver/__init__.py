"""One connection of asyncpg, the driver underneath both ORMs, and how both are made to share it."""
