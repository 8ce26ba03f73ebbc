"""What Crossdock has to know of our tables: whose they are, and which ORM has their models."""

from crossdock import Module, Orm

MODULES = (
    Module(
        name="catalogue",
        orm=Orm.TORTOISE,
        tables=("authors", "books"),
        models=("library.catalogue.models",),
        summary="what there is to borrow",
    ),
    Module(
        name="lending",
        orm=Orm.SQLALCHEMY,
        tables=("members", "loans"),
        models=("library.lending.models",),
        events=("BookLent", "BookReturned"),
        summary="who has borrowed what",
    ),
)
