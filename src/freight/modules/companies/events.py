"""The events of companies, which are written to the outbox."""

from dataclasses import dataclass
from typing import ClassVar

from crossdock.events import Event
from freight.modules.companies.store import CompanyKind


@dataclass(frozen=True, slots=True, kw_only=True)
class CompanyCreated(Event):
    type: ClassVar[str] = "companies.created"
    kind: CompanyKind
