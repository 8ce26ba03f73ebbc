"""Companies in HTTP responses."""

from uuid import UUID

from pydantic import Field

from crossdock.web.schemas import Output
from freight.modules.companies.store import CompanyKind
from freight.schemas import Time


class CompanyBrief(Output):
    """A party of a deal, as others see it."""

    id: UUID
    name: str = Field(examples=["Northgate Foods"])
    kind: CompanyKind


class CompanyOut(Output):
    """A tenant of the marketplace."""

    id: UUID
    name: str
    kind: CompanyKind
    created_at: Time
    updated_at: Time
