"""Documents and plain lists in the frame of a store: which are complete, and which fields are open."""

from pathlib import Path

import pytest

from crossdock.config.settings import Settings
from tests.migrations.fixtures import current
from tests.migrations.project import Project
from tests.schema.parcels import CONTRACT, MODELS, SCHEMAS, STORE
from tests.schema.test_sync import tidy
from tests.schema.things import MANIFESTS, Things

__all__ = ["current"]

DOCUMENTS = '''"""The JSON documents of things, which PostgreSQL builds in the shape of the response schemas."""

from crossdock.documents import Listing, Single
from sqlalchemy import bindparam

from theirs.things.models_sqlalchemy import Note, Parcel
from theirs.things.schemas import NotePage, ParcelOut, ParcelPage, ParcelWithNotesOut

document = Single(ParcelOut, Parcel, where=Parcel.id == bindparam("parcel_id"), version=Parcel.version)
whole = Single(
    ParcelWithNotesOut,
    Parcel,
    {
        # To be filled, since no column says what these are made of:
        # weight: int
        # notes: list[NoteOut]
    },
    where=Parcel.id == bindparam("parcel_id"),
)
page = Listing(
    ParcelPage,
    Parcel,
    order_by=Parcel.id.desc(),
    filters={"state": Parcel.state == bindparam("state"), "word": Parcel.word == bindparam("word")},
)
notes = Listing(NotePage, Note, where=Note.parcel_id == bindparam("parcel_id"), order_by=Note.id.desc())
'''
OF_STATE = """
OF_STATE = compiled(
    select(Parcel.__table__)
    .where(Parcel.state == bindparam("state"))
    .order_by(Parcel.weight.desc(), Parcel.id)
    .limit(bindparam("limit", type_=Integer))
)
LIGHTEST = compiled(select(Parcel.__table__).where(Parcel.word == bindparam("word")).order_by(Parcel.id))
"""
BODIES = """
    async def of_state(self, state: State, limit: int) -> list[ParcelRow]:
        found = await self._unit.rows(OF_STATE, state=state, limit=limit)
        return [_parcels_row(row) for row in found]
"""
ROW = """
def _parcels_row(row: Mapping[str, Any]) -> ParcelRow:
    values = dict(row)
    if values["state"] is not None:
        values["state"] = State(values["state"])
    return ParcelRow(**values)
"""
REASONS = {
    "named": "several rows of parcels may fit",
    "untold": "its docstring in store.py names no schema",
    "heavy": "weight__gte is no column of parcels",
}


@pytest.fixture
async def parcels(tmp_path: Path, empty: Settings) -> Things:
    made = Things(tmp_path, "theirs", empty)
    await made.begin(MODELS, "parcels", "notes")
    manifests = MANIFESTS.replace("TABLES", '"parcels", "notes"').replace('models",)', 'models",), store="ParcelStore"')
    made.write("theirs/manifests.py", manifests)
    for file, text in (("store", CONTRACT), ("schemas", SCHEMAS), ("store_tortoise", STORE)):
        made.write(f"theirs/things/{file}.py", text)
    return made


async def test_documents_and_lists_are_written(parcels: Things) -> None:
    """A document has the schema that its docstring names; a field without a column is open, and its method is there.
    What is not understood is to be translated, with the reason."""
    ran = await parcels.crossdock("schema", "sync", "things", "--json")
    assert ran.status == 0, ran
    assert ran.json["untranslated"] == list(ran.json["reasons"])
    assert ran.json["reasons"] == REASONS
    assert ran.json["documents"] == "theirs/things/documents.py"
    assert (ran.json["to_fill"], ran.json["to_add"]) == (["whole.weight", "whole.notes"], "")
    documents, store = parcels.folder / "documents.py", parcels.folder / "store_sqlalchemy.py"
    assert documents.read_text() == DOCUMENTS
    text = store.read_text()
    assert all(each in text for each in (OF_STATE, BODIES, ROW)), text
    assert tidy(documents, "theirs") == tidy(store, "theirs") == []


async def test_a_file_of_documents_stays(parcels: Things) -> None:
    """What it lacks is printed, to be added by hand; what it has is taken."""
    parcels.write("theirs/things/documents.py", "document = 1\n")
    ran = await parcels.crossdock("schema", "sync", "things")
    assert (parcels.folder / "documents.py").read_text() == "document = 1\n"
    assert "theirs/things/documents.py is as it was. Add these to it" in ran.output, ran
    assert "\nwhole = Single(\n" in ran.output and "\ndocument = " not in ran.output
    for reason in REASONS.values():
        assert f": {reason}.\n" in ran.output, ran


async def test_an_open_field_is_said(parcels: Things) -> None:
    """A document with one is an error of documents, which names the field."""
    assert (await parcels.crossdock("schema", "sync", "things")).status == 0
    ran = await parcels.crossdock("documents", "show", "things.whole")
    assert ran.is_one_line("ParcelWithNotesOut.weight", "may be NULL"), ran
    filled = '"weight": func.coalesce(Parcel.weight, 0),'
    parcels.replace("things/documents.py", "# weight: int", filled)
    parcels.replace("things/documents.py", "import bindparam", "import bindparam, func")
    ran = await parcels.crossdock("documents", "show", "things.whole")
    assert ran.is_one_line("ParcelWithNotesOut.notes", "say of what it is made"), ran


async def test_both_stores_answer_alike(parcels: Things) -> None:
    """Documents, pages and lists are those of the store on Tortoise, for rows that either of them added."""
    assert (await parcels.crossdock("schema", "sync", "things")).status == 0
    whole = DOCUMENTS[DOCUMENTS.index("whole =") : DOCUMENTS.index("page =")]
    parcels.replace("things/documents.py", whole, "")
    ran = await parcels.run("tests.schema.parcels:compare", "compare", "theirs")
    assert ran.status == 0, ran
    assert int(ran.output.splitlines()[-1]) > 25


async def test_shipments_of_the_marketplace(tmp_path: Path, current: Settings) -> None:
    """Money, events and proof are no columns: they are named, and nothing stands for them."""
    project = Project.copied(tmp_path, current)
    ran = await project.crossdock("schema", "sync", "shipments", "--json")
    assert ran.status == 0, ran
    assert ran.json["untranslated"] == ["get", "add", "move"]
    assert ran.json["to_fill"] == [
        "document.amount",
        "document.events",
        "document.proof_of_delivery",
        "page.amount",
    ]
    folder = project.path("src/freight/modules/shipments")
    assert tidy(folder / "documents.py", "freight") == tidy(folder / "store_sqlalchemy.py", "freight") == []
    shown = await project.crossdock("documents", "show", "shipments.page")
    assert shown.status == 1 and "ShipmentSummary.amount: say of what it is made" in shown.errors, shown
