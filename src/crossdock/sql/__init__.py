"""Reading a statement: its kind, the locks that it takes, the rows that it touches, what it destroys.

PostgreSQL's own parser takes it apart. Nothing here knows an ORM, a driver or a migration.
"""
