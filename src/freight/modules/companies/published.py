"""The columns of companies that documents of other modules may show. Row level security limits them to visible rows."""

from uuid import UUID

from crossdock.documents import published
from freight.modules.companies.store import CompanyKind

COMPANIES = published("companies", id=UUID, name=str, kind=CompanyKind)
