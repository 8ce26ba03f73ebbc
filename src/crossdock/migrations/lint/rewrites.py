"""How to write it safely: the steps that more than one rule asks for, spelled out."""

LATER = "in a revision of its own"


def set_not_null(table: str, column: str) -> str:
    name = f"ck_{table}_{column}_there"
    return (
        f"1. ALTER TABLE {table} ADD CONSTRAINT {name} CHECK ({column} IS NOT NULL) NOT VALID;"
        f" 2. in a later revision: ALTER TABLE {table} VALIDATE CONSTRAINT {name} (reads and writes go on);"
        f" 3. ALTER TABLE {table} ALTER COLUMN {column} SET NOT NULL (the check spares it the scan);"
        f" 4. ALTER TABLE {table} DROP CONSTRAINT {name}."
    )


def not_valid(table: str, constraint: str) -> str:
    return (
        f"1. ALTER TABLE {table} ADD {constraint} NOT VALID (it binds new rows at once, the old ones are not read);"
        f" 2. in a later revision: ALTER TABLE {table} VALIDATE CONSTRAINT ... (reads and writes go on)."
    )


def filled_later(table: str, column: str, kind: str, default: str) -> str:
    return (
        f"1. ALTER TABLE {table} ADD COLUMN {column} {kind} (without a default, nullable);"
        f" 2. ALTER TABLE {table} ALTER COLUMN {column} SET DEFAULT {default} (for new rows);"
        f" 3. {LATER}: fill the old rows in batches."
    )


def new_column(table: str, column: str) -> str:
    """For what cannot be changed in place."""
    return (
        f"1. ADD COLUMN a new one on {table}; 2. release code that writes both; 3. fill the old rows in batches;"
        f" 4. release code that reads the new one; 5. drop {column} once no deployed release uses it."
    )
