"""The fields of a new module: what `--field name:kind` means in its row, its table and its schemas."""

import keyword
import re
from collections.abc import Iterable
from dataclasses import dataclass

from crossdock.errors import Invalid

SPELLED = re.compile(r"(?P<name>[a-z][a-z0-9_]{0,39}):(?P<kind>[a-z]+)(\((?P<length>[1-9]\d{0,3})\))?(?P<null>\?)?")
TEXT_MAX = 200
OWN = frozenset({"id", "created_at", "updated_at", "version", "new", "changed", "metadata", "registry"})
"""What every row has, and what rows and mapped classes keep for themselves."""


class WrongField(Invalid):
    """A field is written `name:kind`."""


@dataclass(frozen=True, slots=True)
class Kind:
    """Of Python, of a column (none where the type says it), of a request and of an answer; `{length}` is text's own."""

    row: str
    column: str
    given: str
    answered: str


KINDS = {
    "text": Kind("str", "String({length})", 'Annotated[str, text({length}, examples=["A {words}"])]', "str"),
    "int": Kind("int", "", "Annotated[int, Field(strict=True, ge=0, le=2_147_483_647, examples=[12])]", "int"),
    "float": Kind(
        "float", "Double", "Annotated[float, Field(strict=True, allow_inf_nan=False, examples=[12.5])]", "float"
    ),
    "bool": Kind("bool", "", "Annotated[bool, Field(strict=True, examples=[True])]", "bool"),
    "time": Kind(
        "datetime", "DateTime(timezone=True)", 'Annotated[TimeIn, Field(examples=["2034-05-04T08:00:00Z"])]', "Time"
    ),
    "uuid": Kind("UUID", "", 'Annotated[UUID, Field(examples=["0197a3c2-7d3e-7b1a-9a52-0f7c5e1d2b3a"])]', "UUID"),
}


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    kind: Kind
    length: int
    may_be_null: bool

    @property
    def in_row(self) -> str:
        return f"{self.name}: {self.kind.row}{self._or_none}"

    @property
    def in_model(self) -> str:
        column = self.kind.column.format(length=self.length)
        return f"{self.name}: Mapped[{self.kind.row}{self._or_none}]" + (
            f" = mapped_column({column})" if column else ""
        )

    @property
    def in_request(self) -> str:
        given = self.kind.given.format(length=self.length, words=self.name.replace("_", " "))
        return f"{self.name}: {given}{' | None = None' if self.may_be_null else ''}"

    @property
    def in_answer(self) -> str:
        return f"{self.name}: {self.kind.answered}{self._or_none}"

    @property
    def _or_none(self) -> str:
        return " | None" if self.may_be_null else ""


def read_fields(spelled: list[str], own: Iterable[str] = ()) -> list[Field]:
    """`["name:text(100)", "doors:int", "note:text?"]`. `own` are further names that every row has, as the columns of a
    tenancy. Raises WrongField with what is wrong and what there is."""
    taken = OWN.union(own)
    fields = [_read(each, taken) for each in spelled]
    names = [field.name for field in fields]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice:
        raise WrongField(f"The field {twice} is there twice.")
    if all(field.may_be_null for field in fields):
        raise WrongField("One field at least has to be there always: one without `?`.")
    return fields


def _read(spelled: str, taken: frozenset[str]) -> Field:
    found = SPELLED.fullmatch(spelled)
    if found is None or found["kind"] not in KINDS or (found["length"] and found["kind"] != "text"):
        raise WrongField(
            f"{spelled!r} is no field: write `name:kind`, as in `doors:int`, with `?` for one that may be null. Kinds:"
            f" {', '.join(KINDS)}; `text(100)` is text of at most 100 characters, {TEXT_MAX} without a number."
        )
    if found["name"] in taken or keyword.iskeyword(found["name"]):
        raise WrongField(f"{found['name']} is no name for a field: every row has it, or Python does.")
    return Field(found["name"], KINDS[found["kind"]], int(found["length"] or TEXT_MAX), bool(found["null"]))
