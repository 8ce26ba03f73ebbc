"""What an event is: a frozen dataclass of a module, named after what happened."""

import dataclasses
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any, ClassVar
from uuid import UUID

from crossdock.ids import Key


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Base of all events. `type` is `module.happened`, stable for ever; `subject_id` is what it happened to:
    a key of the type that the application names as `ids`."""

    type: ClassVar[str]
    subject_id: Key

    def payload(self) -> dict[str, Any]:
        """The fields, in types that JSON knows."""
        return {field.name: _plain(getattr(self, field.name)) for field in dataclasses.fields(self)}


def _plain(value: Any) -> Any:
    match value:
        case UUID():
            return str(value)
        case datetime():
            return value.isoformat()
        case Enum():
            return value.value
        case _ if dataclasses.is_dataclass(value) and not isinstance(value, type):
            return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
        case _:
            return value
