"""What other modules may call of companies. Each function works in the caller's transaction, with its rights."""

from freight.modules.companies.published import COMPANIES
from freight.modules.companies.schemas import CompanyBrief, CompanyOut
from freight.modules.companies.service import add_company, get_company, lock_company
from freight.modules.companies.store import PLATFORM_COMPANY_ID, CompanyKind
from freight.modules.companies.store import CompanyRow as Company

__all__ = [
    "COMPANIES",
    "PLATFORM_COMPANY_ID",
    "Company",
    "CompanyBrief",
    "CompanyKind",
    "CompanyOut",
    "add_company",
    "get_company",
    "lock_company",
]
