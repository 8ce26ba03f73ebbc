"""Whose the tables are, and which ORM has their models."""

from crossdock import Module, Orm

MODULES = (
    Module(name="books", orm=Orm.TORTOISE, tables=("books",), models=("branches.books",)),
    Module(
        name="loans",
        orm=Orm.SQLALCHEMY,
        tables=("loans",),
        models=("branches.loans",),
        events=("BookLent",),
    ),
)
