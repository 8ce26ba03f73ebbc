"""What companies puts in the outbox."""

from dataclasses import dataclass
from typing import ClassVar

from crossdock.kernel.events import Event
from crossdock.modules.companies.store import CompanyKind


@dataclass(frozen=True, slots=True, kw_only=True)
class CompanyCreated(Event):
    type: ClassVar[str] = "companies.created"
    kind: CompanyKind
