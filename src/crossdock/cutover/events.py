"""The event that moves put in the outbox."""

from dataclasses import dataclass
from typing import ClassVar

from crossdock.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class ModuleSteppedBack(Event):
    """A module took a step back by itself. `subject_id` is made of the module's name (`crossdock.ids.key_of_name`)."""

    type: ClassVar[str] = "crossdock.module_stepped_back"

    module: str
    from_stage: str
    to_stage: str
    reason: str
