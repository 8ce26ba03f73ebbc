"""What a new module may be called, what its fields may be, and what the templates make of both."""

import ast

import pytest

from crossdock.cli.skeleton.fields import KINDS, WrongField, read_fields
from crossdock.cli.skeleton.files import Templates
from crossdock.cli.skeleton.names import NAME_MAX, WrongName, names_of
from tests.application import application

PACKAGE = "acme.parts"
TEMPLATES = Templates.of(application(PACKAGE))


@pytest.mark.parametrize(
    ("module", "one", "found"),
    [
        ("depots", None, "depot"),
        ("loading_docks", None, "loading_dock"),
        ("inventories", None, "inventory"),
        ("boxes", None, "box"),
        ("crosses", None, "cross"),
        ("dwell_phases", None, "dwell_phase"),
        ("leave", "absence", "absence"),
        ("sheep", "ewe", "ewe"),
    ],
)
def test_the_singular_is_worked_out_or_told(module: str, one: str | None, found: str) -> None:
    """The table is called as the module is: both are in the plural."""
    names = names_of(module, one)
    assert (names.module, names.table, names.one) == (module, module, found)


@pytest.mark.parametrize(
    ("module", "one", "words"),
    [
        ("Depots", None, "small letters"),
        ("loading-docks", None, "small letters"),
        ("2depots", None, "small letters"),
        ("_depots", None, "small letters"),
        ("depots_", None, "small letters"),
        ("d" * 30 + "s", None, "at most 30 characters"),
        ("../depots", None, "small letters"),
        ("dépôts", None, "small letters"),
        ("", None, "small letters"),
        ("new", None, "means something else"),
        ("show", None, "means something else"),
        ("shared", None, "means something else"),
        ("references", None, "a word of Python's or of SQL's"),
        ("class", None, "a word of Python's or of SQL's"),
        ("sheep", None, "--one WORD"),
        ("address", None, "--one WORD"),
        ("depots", "depots", "--one WORD"),
        ("depots", "Depot", "small letters"),
        ("services", None, "means something else"),
        ("passes", None, "a word of Python's or of SQL's"),
    ],
)
def test_a_bad_name_is_refused(module: str, one: str | None, words: str) -> None:
    """With what would be a good one."""
    with pytest.raises(WrongName, match=words):
        names_of(module, one)


@pytest.mark.parametrize(
    ("spelled", "words"),
    [
        (["name"], "write `name:kind`"),
        (["name:string"], "Kinds: text, int"),
        (["Name:text"], "write `name:kind`"),
        (["name:text(0)"], "write `name:kind`"),
        (["doors:int(3)"], "write `name:kind`"),
        (["version:int"], "every row has it"),
        (["company_id:uuid"], "every row has it"),
        (["from:text"], "every row has it, or Python"),
        (["name:text", "name:int"], "name is there twice"),
        (["note:text?"], "One field at least"),
    ],
)
def test_a_bad_field_is_refused(spelled: list[str], words: str) -> None:
    """With the way to write one, and the kinds that there are."""
    with pytest.raises(WrongField, match=words):
        read_fields(spelled, ["company_id"])


def test_every_kind_of_field_is_python_in_every_file() -> None:
    """With and without null; the package is the one that is asked for, and nothing is left to fill in."""
    fields = read_fields([f"{kind}_{n}:{kind}{null}" for kind in KINDS for n, null in enumerate(("", "?"))])
    names = names_of("loading_docks", None)
    texts = TEMPLATES.module(names, fields, PACKAGE) | TEMPLATES.tests(names, fields, PACKAGE)
    for path, text in texts.items():
        assert "$" not in text, path
        assert "freight.modules" not in text, path
        if path.endswith(".py"):
            ast.parse(text, path)
    assert "time_1: datetime | None" in texts["store.py"]
    assert "text_0: Mapped[str] = mapped_column(String(200))" in texts["models_sqlalchemy.py"]
    assert "/v1/loading-docks" in texts["routes.py"]


def test_sentences_have_room_for_the_longest_name() -> None:
    """What a formatter does not break, docstrings and comments, is within 120 characters."""
    names = names_of("d" * NAME_MAX, "o" * NAME_MAX)
    texts = TEMPLATES.module(names, read_fields(["name:text"]), PACKAGE) | TEMPLATES.tests(names, [], PACKAGE)
    lines = [line for text in texts.values() for line in text.splitlines() if '"""' in line or "--" in line]
    assert [line for line in lines if len(line) > 120] == []


def test_a_field_stands_in_four_places() -> None:
    """Row, table, request and answer: the store, its statements, the rules, the PATCH and the tests name none."""
    fields = read_fields(["rare_word:int"])
    names = names_of("depots", None)
    texts = TEMPLATES.module(names, fields, PACKAGE) | TEMPLATES.tests(names, fields, PACKAGE)
    places = {path: text.count("rare_word") for path, text in texts.items() if "rare_word" in text}
    assert places == {"store.py": 1, "models_sqlalchemy.py": 1, "schemas.py": 2}
