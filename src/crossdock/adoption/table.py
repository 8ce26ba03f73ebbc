"""The table [tool.crossdock], written to the end of a pyproject: all else in the file stays as it is."""

import json
import tomllib
from collections.abc import Mapping, Sequence
from typing import Any

from crossdock.errors import ConfigurationError

NOTE = "# What Crossdock knows of this project; crossdock.application.Application says what else can stand here."


def with_tables(text: str, tables: Mapping[str, Mapping[str, Any]]) -> str:
    """The text of a pyproject with tables more. Raises ConfigurationError where its form leaves no place for them."""
    written = "\n".join(_written(name, values) for name, values in tables.items())
    changed = f"{text.rstrip()}\n\n{written}" if text.strip() else written
    try:
        tomllib.loads(changed)
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(
            f"No table can be added to this pyproject.toml ({error}), and nothing was written. Write `tool` as tables"
            " of their own, as in [tool.aerich], and run this again."
        ) from None
    return changed


def _written(name: str, values: Mapping[str, Any]) -> str:
    lines = [f"{key} = {_value(value)}" for key, value in values.items()]
    note = [NOTE] if name == "tool.crossdock" else []
    return "\n".join([*note, f"[{name}]", *lines]) + "\n"


def _value(value: str | Sequence[str]) -> str:
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    return f"[{', '.join(json.dumps(each, ensure_ascii=False) for each in value)}]"
