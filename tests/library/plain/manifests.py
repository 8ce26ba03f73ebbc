"""The modules, each with its tables. The tables of one file belong to several of them."""

from crossdock.registry import Module, Orm

MODULES = [
    Module(name="authors", orm=Orm.TORTOISE, tables=("authors",), models=("tests.library.plain.models",)),
    Module(
        name="books", orm=Orm.TORTOISE, tables=("books", "tags", "books_tags"), models=("tests.library.plain.models",)
    ),
    Module(name="loans", orm=Orm.SQLALCHEMY, tables=("loans",), models=("tests.library.plain.lending",)),
]
