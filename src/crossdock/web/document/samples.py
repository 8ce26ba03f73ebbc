"""Adds an example to each request body, put together from the examples of its fields, that works as it stands."""

from typing import Any

Schema = dict[str, Any]

NOTHING = object()


def add_samples(document: dict[str, Any]) -> None:
    """Adds the examples. A body with a required field that only the client can know has none."""
    schemas = document["components"]["schemas"]
    for path in document["paths"].values():
        for operation in path.values():
            for content in operation.get("requestBody", {}).get("content", {}).values():
                sample = sample_of(content["schema"], schemas)
                if sample is not NOTHING:
                    content["example"] = sample


def sample_of(schema: Schema, schemas: dict[str, Schema]) -> Any:
    """The schema's own example, or one made of its parts; NOTHING where a required part has none."""
    if "examples" in schema:
        return schema["examples"][0]
    if "$ref" in schema:
        return sample_of(schemas[schema["$ref"].rpartition("/")[2]], schemas)
    if "anyOf" in schema:
        return sample_of(schema["anyOf"][0], schemas)
    if "const" in schema:
        return schema["const"]
    if "properties" in schema:
        return _object(schema, schemas)
    return NOTHING


def _object(schema: Schema, schemas: dict[str, Schema]) -> Any:
    """Every field that is required, and of the others those with an example."""
    fields = {name: sample_of(field, schemas) for name, field in schema["properties"].items()}
    if any(fields[name] is NOTHING for name in schema.get("required", ())):
        return NOTHING
    return {name: value for name, value in fields.items() if value is not NOTHING}
