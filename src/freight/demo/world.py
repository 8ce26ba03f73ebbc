"""Who lives in the demo world: companies, their people and teams, and the one password that all of them share."""

from dataclasses import dataclass

from freight.modules.accounts.api import Role
from freight.modules.companies.api import CompanyKind

PASSWORD = "crossdock-demo"  # noqa: S105  public, as every demo is: production refuses the whole demo world


@dataclass(frozen=True, slots=True)
class DemoPerson:
    name: str
    surname: str
    role: Role
    job_title: str


@dataclass(frozen=True, slots=True)
class DemoCompany:
    """`domain` is that of its people's e-mail addresses, which begin with their role. The first person founds it."""

    name: str
    kind: CompanyKind
    domain: str
    people: tuple[DemoPerson, ...]
    teams: tuple[str, ...] = ()

    def email(self, role: Role) -> str:
        return f"{role.value}@{self.domain}"


NORTHGATE = DemoCompany(
    "Northgate Foods",
    CompanyKind.SHIPPER,
    "northgate.example",
    (
        DemoPerson("Nora", "Lindqvist", Role.ADMIN, "Head of logistics"),
        DemoPerson("Emil", "Castellanos", Role.MANAGER, "Transport planner"),
        DemoPerson("Priya", "Raman", Role.EMPLOYEE, "Warehouse clerk"),
    ),
    ("Dispatch", "Cold store"),
)
HARBOR = DemoCompany(
    "Harbor Haulage",
    CompanyKind.CARRIER,
    "harbor.example",
    (
        DemoPerson("Harm", "de Wit", Role.ADMIN, "Managing director"),
        DemoPerson("Sofia", "Baptista", Role.MANAGER, "Fleet manager"),
        DemoPerson("Tomasz", "Zielinski", Role.EMPLOYEE, "Driver"),
    ),
    ("Fleet", "Night shift"),
)
RIVALS = (
    DemoCompany(
        "Ridgeline Freight",
        CompanyKind.CARRIER,
        "ridgeline.example",
        (DemoPerson("Ruth", "Okafor", Role.ADMIN, "Owner"),),
    ),
    DemoCompany(
        "Delta Lines",
        CompanyKind.CARRIER,
        "delta.example",
        (DemoPerson("Dag", "Solberg", Role.ADMIN, "Owner"),),
    ),
)
"""Other carriers, so that a bid can lose."""

EMAILS = tuple(company.email(person.role) for company in (NORTHGATE, HARBOR) for person in company.people)
"""Those of the companies that a visitor signs in with."""

OPERATOR_EMAIL, OPERATOR_NAME = "operator@crossdock.example", "Olga"
"""The operator of the platform, who has no part in the business of the companies."""

FIRST_WORDS = ("Alder", "Birch", "Cedar", "Dune", "Elm", "Fjord", "Grove")
SECOND_WORDS = ("Mills", "Paper", "Ceramics", "Dairy", "Tools")


def further_shipper(number: int) -> DemoCompany:
    """One of the shippers that make the world larger; the same for the same number."""
    first, second = FIRST_WORDS[number % len(FIRST_WORDS)], SECOND_WORDS[number % len(SECOND_WORDS)]
    return DemoCompany(
        f"{first} {second} {number}",
        CompanyKind.SHIPPER,
        f"shipper-{number}.example",
        (
            DemoPerson("Alex", "Marchetti", Role.ADMIN, "Head of logistics"),
            DemoPerson("Kim", "Novak", Role.EMPLOYEE, "Warehouse clerk"),
        ),
    )


def last_to_join(shipper: DemoCompany) -> DemoCompany:
    """The company whose last person is added after all stories of a shipper, and shows that they were played."""
    return HARBOR if shipper is NORTHGATE else shipper
