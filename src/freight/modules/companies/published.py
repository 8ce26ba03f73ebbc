"""What the documents of other modules may show of a company. Row level security says whose."""

from uuid import UUID

from crossdock.documents import published
from freight.modules.companies.store import CompanyKind

COMPANIES = published("companies", id=UUID, name=str, kind=CompanyKind)
