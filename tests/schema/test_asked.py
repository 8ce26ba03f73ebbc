"""What a method on Tortoise asks for: it is told, or refused with the reason where it could hide rows."""

import inspect
from typing import Any

import pytest
from tortoise import Model, fields

from crossdock.documents import collection, document
from crossdock.schema.sync.asked import Asked, NotPlain, read_asking
from crossdock.schema.tortoise import newest, one

LIMIT = 10


class Crate(Model):
    id = fields.UUIDField(primary_key=True)
    word = fields.CharField(max_length=10)


class Ban(Model):
    id = fields.UUIDField(primary_key=True)


class Store:
    """Methods by what is said of them: of those in `Refused`, why they are not understood."""

    async def get(self, crate_id: Any, *, lock: bool = False) -> Any:
        model = await one(Crate.filter(id=crate_id), lock=lock)
        return None if model is None else _row(model)

    async def by_another_name(self, key: Any) -> Any:
        row = await self.get(key)
        return None if row is None else document(row, row.version)

    async def page(self, page: Any, word: Any) -> Any:
        query = Crate.all()
        if word is not None:
            query = query.filter(word=word)
        models, cursor = await newest(query, page)
        return collection([_row(each) for each in models], cursor)

    async def some(self, word: Any, most: Any) -> Any:
        return [_row(each) for each in await Crate.filter(word=word).order_by("-word").limit(most)]


class Refused(Store):
    async def constant(self) -> Any:
        """it calls Crate.exclude"""
        return await Crate.exclude(word="a")

    async def operator(self, word: Any) -> Any:
        """`it calls Crate.filter(word=word).offset`"""
        return await Crate.filter(word=word).offset(1)

    async def in_python(self, word: Any) -> Any:
        """it computes"""
        return [each for each in await Crate.filter(word=word) if each.word]

    async def sliced(self, word: Any) -> Any:
        """it computes"""
        return (await Crate.filter(word=word))[:3]

    async def banned(self, crate_id: Any) -> Any:
        """it has a condition in Python: ban is None"""
        row = await self.get(crate_id)
        ban = await Ban.get_or_none(id=crate_id)
        return row if ban is None else None

    async def stopped(self, crate_id: Any) -> Any:
        """it has a condition in Python: ban is not None"""
        row = await self.get(crate_id)
        ban = await Ban.get_or_none(id=crate_id)
        if ban is not None:
            return None
        return row

    async def reassigned(self, word: Any) -> Any:
        """it assigns to word"""
        word = "another"
        return await Crate.filter(word=word)

    async def twice(self, word: Any, other: Any) -> Any:
        """it asks for word=word"""
        return await Crate.filter(word=word).filter(word=other)

    async def where_another_is_given(self, word: Any, other: Any) -> Any:
        """it asks for word=other"""
        query = Crate.all()
        if word is not None:
            query = query.filter(word=other)
        return await query

    async def limited_where_given(self, word: Any) -> Any:
        """it asks query for something"""
        query = Crate.all()
        if word is not None:
            query = query.limit(1)
        return await query

    async def looped(self, word: Any) -> Any:
        """it has a line that could hide rows"""
        for each in await Crate.filter(word=word):
            return each
        return None

    async def elsewhere(self, word: Any) -> Any:
        """it calls inspect.cleandoc"""
        return inspect.cleandoc(await Crate.filter(word=word))

    async def unknown(self, query: Any, word: Any) -> Any:
        """it asks query for something"""
        return await query.filter(word=word)

    async def round_and_round(self, word: Any) -> Any:
        """round_and_round calls itself"""
        return await self.round_and_round(word)

    async def in_a_helper(self, word: Any) -> Any:
        """_first computes"""
        return _first(await Crate.filter(word=word))

    async def expression(self, word: Any) -> Any:
        """it calls Crate.annotate"""
        return await Crate.annotate(n=1).filter(word=word)


def _row(model: Any) -> Any:
    return Crate(id=model.id, word=None if model.word is None else model.word)


def _first(models: Any) -> Any:
    return models[0]


def asked(name: str) -> dict[type[Model], Asked]:
    return read_asking(getattr(Store, name), Store).tables


def test_what_is_understood() -> None:
    """Conditions by the method's own parameters, also through methods and functions of the same file."""
    assert asked("get") == {Crate: Asked({"id": "crate_id"})}
    assert asked("by_another_name") == {Crate: Asked({"id": "key"})}
    assert asked("page") == {Crate: Asked({}, {"word": "word"}, ["-id"], is_paged=True)}
    assert asked("some") == {Crate: Asked({"word": "word"}, order=["-word"], limit="most")}
    assert read_asking(Store.by_another_name, Store).is_versioned and not read_asking(Store.get, Store).is_versioned


@pytest.mark.parametrize("name", [name for name in vars(Refused) if not name.startswith("_")])
def test_what_could_hide_rows_is_refused(name: str) -> None:
    """The method says in its docstring what is wrong with it."""
    method = getattr(Refused, name)
    with pytest.raises(NotPlain) as refused:
        read_asking(method, Refused)
    assert str(method.__doc__).strip("`") in str(refused.value)


def test_a_constant_is_no_parameter() -> None:
    """It is told as what it is, and is equal to no parameter."""

    async def fixed(self: Any) -> Any:
        return await Crate.filter(word="a").limit(LIMIT)

    assert read_asking(fixed, Store).tables == {Crate: Asked({"word": "='a'"}, limit="=LIMIT")}
