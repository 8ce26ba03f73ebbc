"""Bodies that nothing is wrong with, from the examples of the schemas: a test that uses one names no field."""

from typing import Any

from pydantic import BaseModel

from crossdock.web.document.samples import NOTHING, sample_of


def example(model: type[BaseModel]) -> dict[str, Any]:
    """A body as the OpenAPI page shows it."""
    schema = model.model_json_schema()
    body: dict[str, Any] = sample_of(schema, schema.get("$defs", {}))
    assert body is not NOTHING, f"{model.__name__} has a field without an example"
    return body
