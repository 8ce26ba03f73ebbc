"""The body of a PATCH is that of the POST with every field optional, and under the same rules."""

from typing import Annotated, Any

import pytest
from pydantic import Field, ValidationError

from crossdock.web.patch import Patch, patch_of
from crossdock.web.schemas import Input, TimeIn, text


class GateIn(Input):
    name: Annotated[str, text(10, description="As painted.", examples=["West"])]
    doors: Annotated[int, Field(strict=True, ge=1, examples=[3])]
    opens_at: TimeIn
    note: Annotated[str, text(10)] | None = None


@patch_of(GateIn)
class GatePatch(Patch):
    """What to change of a gate."""


@pytest.mark.parametrize(
    "body",
    [{}, {"name": "East"}, {"note": None}, {"note": "wet"}, {"doors": 2, "name": "East"}],
)
def test_the_changes_are_what_was_sent(body: dict[str, Any]) -> None:
    """A null where null is a value is one, and what was left out is none."""
    assert GatePatch(**body).changes() == body


@pytest.mark.parametrize(
    ("field", "value", "code"),
    [
        ("name", None, "null_not_allowed"),
        ("doors", None, "null_not_allowed"),
        ("opens_at", None, "null_not_allowed"),
        ("name", " ", "string_pattern_mismatch"),
        ("name", "x" * 11, "string_too_long"),
        ("doors", "1", "int_type"),
        ("doors", 0, "greater_than_equal"),
        ("opens_at", 1_900_000_000, "iso_8601"),
        ("note", "x" * 11, "string_too_long"),
        ("size", 1, "extra_forbidden"),
    ],
)
def test_the_rules_are_those_of_the_post(field: str, value: Any, code: str) -> None:
    """What the one refuses the other refuses, by the same code and under the same name; null as well."""
    with pytest.raises(ValidationError) as caught:
        GatePatch(**{field: value})
    (error,) = caught.value.errors()
    assert (error["loc"][0], error["type"]) == (field, code)


def test_it_is_told_as_the_post_is() -> None:
    """Name, words and examples in the OpenAPI document; nothing is required, and no null is shown as a default."""
    schema = GatePatch.model_json_schema()
    assert (schema["title"], schema["description"]) == ("GatePatch", "What to change of a gate.")
    assert schema["properties"] == {
        name: {key: value for key, value in told.items() if key != "default"}
        for name, told in GateIn.model_json_schema()["properties"].items()
    }
    assert "required" not in schema
