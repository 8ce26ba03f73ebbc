"""A stub of a table, and the class that is mapped to it later: whichever was imported first."""

from typing import Any

import pytest
from sqlalchemy import Integer, Text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from crossdock.models.foreign import FOREIGN, foreign_table, take_place_of_stub

ARGUMENTS: dict[str, Any] = {
    "none": None,
    "options": {"comment": "what is read"},
    "items": (),
    "both": ({"comment": "what is read"},),
}


def base() -> type[DeclarativeBase]:
    class Own(DeclarativeBase):
        def __init_subclass__(cls, **options: Any) -> None:
            take_place_of_stub(cls)
            super().__init_subclass__(**options)

    return Own


def mapped(own: type[DeclarativeBase], arguments: Any) -> Any:
    given = {} if arguments is None else {"__table_args__": arguments}
    columns = {"id": mapped_column(Integer, primary_key=True), "title": mapped_column(Text)}
    hints = {"id": Mapped[int], "title": Mapped[str]}
    return type("Book", (own,), {"__tablename__": "books", "__annotations__": hints, **columns, **given})


@pytest.mark.parametrize("arguments", ARGUMENTS)
def test_a_class_takes_the_place_of_a_stub(arguments: str) -> None:
    """With all its columns, and as no stub any more: it is its module's own to migrate."""
    own = base()
    stub = foreign_table(own.metadata, "books", Integer)
    assert stub.info.get(FOREIGN)
    book = mapped(own, ARGUMENTS[arguments])
    assert book.__table__ is stub is foreign_table(own.metadata, "books", Integer)
    assert ([*stub.c.keys()], stub.info.get(FOREIGN)) == (["id", "title"], None)
    assert stub.comment == ("what is read" if arguments in ("options", "both") else None)


def test_a_class_that_is_there_already() -> None:
    """A stub of it is the table itself."""
    own = base()
    book = mapped(own, None)
    assert foreign_table(own.metadata, "books", Integer) is book.__table__
    assert not book.__table__.info.get(FOREIGN)


def test_a_key_of_another_name() -> None:
    """A foreign key may lead to any column."""
    assert foreign_table(base().metadata, "authors", Text, column="name").c.keys() == ["name"]
