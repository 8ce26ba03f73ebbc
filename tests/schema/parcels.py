"""A module with a contract, its schemas and its store on Tortoise: parcels and the notes on them."""

import asyncio
import json
import sys
from importlib import import_module
from itertools import product
from typing import Any

from crossdock import Database, Page, Registry, load_settings
from crossdock.ids import new_id

MODELS = """
from tortoise import Model, fields

from PACKAGE.things.words import State


class Parcel(Model):
    id = fields.UUIDField(primary_key=True)
    word = fields.CharField(max_length=30)
    state = fields.CharEnumField(State, max_length=20, null=True)
    weight = fields.IntField(null=True)
    version = fields.IntField()

    class Meta:
        table = "parcels"


class Note(Model):
    id = fields.UUIDField(primary_key=True)
    parcel = fields.ForeignKeyField("models.Parcel")
    text = fields.TextField()

    class Meta:
        table = "notes"
"""
CONTRACT = """
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID

from crossdock.documents import Document, Page
from PACKAGE.things.words import State


@dataclass(frozen=True)
class ParcelRow:
    id: UUID
    word: str
    state: State | None
    weight: int | None
    version: int


@dataclass(frozen=True)
class NoteRow:
    id: UUID
    parcel_id: UUID
    text: str


class ParcelReads(Protocol):
    async def get(self, parcel_id: UUID) -> ParcelRow | None: ...

    async def document(self, parcel_id: UUID) -> Document | None:
        \"\"\"One, as a `ParcelOut`.\"\"\"
        ...

    async def whole(self, parcel_id: UUID) -> Document | None:
        \"\"\"One, as a `ParcelWithNotesOut`.\"\"\"
        ...

    async def named(self, word: str) -> Document | None:
        \"\"\"One, as a `ParcelOut`.\"\"\"
        ...

    async def untold(self, parcel_id: UUID) -> Document | None:
        \"\"\"One of them.\"\"\"
        ...

    async def page(self, page: Page, state: State | None, word: str | None = None) -> Document:
        \"\"\"A `ParcelPage`.\"\"\"
        ...

    async def notes(self, parcel_id: UUID, page: Page) -> Document:
        \"\"\"A `NotePage`.\"\"\"
        ...

    async def of_state(self, state: State, limit: int) -> list[ParcelRow]: ...

    async def lightest(self, word: str) -> list[ParcelRow]: ...

    async def heavy(self, weight: int) -> list[ParcelRow]: ...

    async def notes_on(self, parcel_id: UUID) -> list[NoteRow]: ...


class ParcelStore(ParcelReads, Protocol):
    async def add(self, row: ParcelRow) -> None: ...

    async def add_notes(self, rows: list[NoteRow]) -> None: ...
"""
SCHEMAS = """
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from PACKAGE.things.words import State


class Output(BaseModel):
    model_config = ConfigDict(from_attributes=True)


class NoteOut(Output):
    id: UUID
    text: str


class ParcelOut(Output):
    id: UUID
    word: str
    state: State | None
    weight: int | None


class ParcelWithNotesOut(ParcelOut):
    weight: int
    notes: list[NoteOut]


class ParcelPage(Output):
    items: list[ParcelOut]
    next_cursor: str | None


class NotePage(Output):
    items: list[NoteOut]
    next_cursor: str | None
"""
STORE = """
from crossdock.documents import collection, document
from crossdock.schema.tortoise import insert, newest, one, row_of
from PACKAGE.things.models import Note, Parcel
from PACKAGE.things.schemas import NoteOut, ParcelOut, ParcelWithNotesOut
from PACKAGE.things.store import NoteRow, ParcelRow


class TortoiseParcelReads:
    def __init__(self, unit):
        pass

    async def get(self, parcel_id, *, lock=False):
        model = await one(Parcel.filter(id=parcel_id), lock=lock)
        return None if model is None else row_of(ParcelRow, model)

    async def document(self, parcel_id):
        row = await self.get(parcel_id)
        return None if row is None else document(ParcelOut.model_validate(row), row.version)

    async def whole(self, parcel_id):
        row = await self.get(parcel_id)
        if row is None:
            return None
        notes = await Note.filter(parcel_id=parcel_id).order_by("id")
        shown = [NoteOut.model_validate(each) for each in notes]
        return document(ParcelWithNotesOut(**ParcelOut.model_validate(row).model_dump(), notes=shown))

    async def named(self, word):
        model = await Parcel.filter(word=word).first()
        return None if model is None else document(ParcelOut.model_validate(model))

    async def untold(self, parcel_id):
        return await self.document(parcel_id)

    async def page(self, page, state, word=None):
        query = Parcel.all()
        if state is not None:
            query = query.filter(state=state)
        if word is not None:
            query = query.filter(word=word)
        models, cursor = await newest(query, page)
        return collection([ParcelOut.model_validate(model) for model in models], cursor)

    async def notes(self, parcel_id, page):
        models, cursor = await newest(Note.filter(parcel_id=parcel_id), page)
        return collection([NoteOut.model_validate(model) for model in models], cursor)

    async def of_state(self, state, limit):
        found = await Parcel.filter(state=state).order_by("-weight", "id").limit(limit)
        return [row_of(ParcelRow, each) for each in found]

    async def lightest(self, word):
        return [_row(each) for each in await Parcel.filter(word=word)]

    async def heavy(self, weight):
        return [_row(each) for each in await Parcel.filter(weight__gte=weight)]

    async def notes_on(self, parcel_id):
        return [row_of(NoteRow, each) for each in await Note.filter(parcel_id=parcel_id).order_by("-id")]


class TortoiseParcelStore(TortoiseParcelReads):
    def __init__(self, tx):
        pass

    async def add(self, row):
        await insert(Parcel, row)

    async def add_notes(self, rows):
        await insert(Note, *rows)


def _row(model):
    return row_of(ParcelRow, model)
"""


def compare() -> None:
    """In the folder of a project, whose package is the argument: both stores answer alike, for the rows that either of
    them added. Prints how many answers there were."""
    print(json.dumps(asyncio.run(_compared(f"{sys.argv[1]}.things"))))


async def _compared(package: str) -> int:
    contract, words = import_module(f"{package}.store"), import_module(f"{package}.words")
    registry = Registry.found()
    async with Database(load_settings(registry), registry) as database, database.transaction() as tx:
        stores = [
            import_module(f"{package}.store_{orm}").__dict__[f"{name}ParcelStore"](tx)
            for orm, name in (("tortoise", "Tortoise"), ("sqlalchemy", "SqlAlchemy"))
        ]
        for n, state in enumerate((*words.State, None) * 3):
            row = contract.ParcelRow(new_id(), f'a \\ "{n % 2}"', state, None if n % 4 == 3 else n, n)
            await stores[n % 2].add(row)
            await stores[n % 2].add_notes([contract.NoteRow(new_id(), row.id, f"{m}") for m in range(n % 3)])
        answers = [[repr(each) async for each in _asked(store, row, words.State)] for store in stores]
    assert answers[0] == answers[1], answers
    return len(answers[0])


async def _asked(store: Any, row: Any, states: Any) -> Any:
    """Each method that both have, with arguments that find much, little and nothing."""
    keys = (row.id, new_id())
    for key in keys:
        yield await store.get(key)
        yield await store.document(key)
        yield await store.notes_on(key)
        yield await store.notes(key, Page(1))
    for state, limit in product(states, (0, 1, 9)):
        yield sorted(map(repr, await store.of_state(state, limit)))
    for word in ('a \\ "0"', "none"):
        yield sorted(map(repr, await store.lightest(word)))
    for state, word, after in product((None, *states), (None, 'a \\ "1"'), (None, row.id)):
        yield await store.page(Page(2, after), state, word)
