"""The names in the OpenAPI document from which generators of clients make the names of their types."""

from collections.abc import Callable
from typing import Any

OF_THE_FRAMEWORK = ("HTTPValidationError", "ValidationError")
EXAMPLES = ("example", "examples")
REF = "#/components/schemas/"


def call_schemas_by_their_titles(document: dict[str, Any]) -> None:
    """Renames each schema to its title, which is made for clients, as the name of its class is not.

    Raises ValueError where two classes have one title.
    """
    schemas = document["components"]["schemas"]
    for name in OF_THE_FRAMEWORK:
        schemas.pop(name, None)
    titles = {name: schema.get("title", name) for name, schema in schemas.items()}
    if len(set(titles.values())) < len(titles):
        raise ValueError(f"Two schemas have one title: {sorted(titles.items(), key=lambda each: each[1])}")
    document["components"]["schemas"] = {
        titles[name]: schemas[name] for name in sorted(schemas, key=titles.__getitem__)
    }

    def renamed(part: dict[str, Any]) -> None:
        if isinstance(part.get("$ref"), str) and part["$ref"].startswith(REF):
            part["$ref"] = REF + titles[part["$ref"].removeprefix(REF)]

    _each_object(document, renamed)


def drop_empty_titles(document: dict[str, Any]) -> None:
    """Removes titles such as `Page Count` of `page_count`: they say nothing more, and some generators make a type of
    each."""
    kept = [id(each) for each in (document["info"], *document["components"]["schemas"].values())]

    def without(part: dict[str, Any]) -> None:
        if isinstance(part.get("title"), str) and id(part) not in kept:
            del part["title"]

    _each_object(document, without)


def leave_null_to_bodies(document: dict[str, Any]) -> None:
    """Removes null from the types of parameters: a query or a header cannot have it."""
    for path in document["paths"].values():
        for operation in path.values():
            for parameter in operation.get("parameters", ()):
                _without_null(parameter["schema"])


def _without_null(schema: dict[str, Any]) -> None:
    options = [each for each in schema.get("anyOf", ()) if each != {"type": "null"}]
    if len(options) == 1:
        del schema["anyOf"]
        schema |= options[0] | {name: value for name, value in schema.items() if name not in options[0]}


def _each_object(part: Any, change: Callable[[dict[str, Any]], None]) -> None:
    """Calls `change` with every object of a document except those in examples."""
    if isinstance(part, list):
        for each in part:
            _each_object(each, change)
    elif isinstance(part, dict):
        change(part)
        for name, each in part.items():
            if name not in EXAMPLES:
                _each_object(each, change)
