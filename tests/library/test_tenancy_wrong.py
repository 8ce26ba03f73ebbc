"""A Tenancy that PostgreSQL could not keep tenants apart with is refused when it is made, in a sentence."""

from dataclasses import dataclass, replace
from typing import Any

import pytest

from crossdock.errors import ConfigurationError
from crossdock.models.tables import OwnTables
from crossdock.tenancy import NO_TENANCY, Tenancy, Tenant
from crossdock.tenancy.validation import OF_OWN_TABLES


@dataclass(frozen=True, slots=True)
class BranchScope(Tenant):
    """A branch by its number, and the kind of it, which is worked out."""

    branch_id: int

    @property
    def kind(self) -> str:
        return "main" if self.branch_id == 1 else "other"


GOOD = Tenancy(
    scope=BranchScope,
    columns={"branch_id": int},
    settings={"library.branch_id": "branch_id", "library.kind": "kind"},
    tenant_role="branch",
    platform_role="library_platform",
    signature="library.signature",
)


def with_column(name: str, kind: Any = int) -> dict[str, Any]:
    """The changes that make the key a column of this name."""
    scope = type("Scope", (BranchScope,), {name: None})
    return {"scope": scope, "columns": {name: kind}, "settings": {"library.key": name}}


WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "a role with a statement": ({"tenant_role": "branch; DROP TABLE books"}, "'branch; DROP TABLE books' cannot be a"),
    "a role with a quote": ({"platform_role": 'a"b'}, "cannot be a role"),
    "a role with a line": ({"tenant_role": "branch\n"}, "cannot be a role"),
    "a role in capitals": ({"tenant_role": "Branch"}, "lower-case letters"),
    "no word for a role": ({"tenant_role": ""}, "'' cannot be a role"),
    "the role of nobody": ({"tenant_role": "none"}, "cannot be a role"),
    "everybody as a role": ({"tenant_role": "public"}, "cannot be a role"),
    "a reserved role": ({"tenant_role": "user"}, "cannot be a role"),
    "a role of PostgreSQL's": ({"tenant_role": "pg_read_all_data"}, "cannot be a role"),
    "a role that is cut": ({"tenant_role": "b" * 64}, "cannot be a role"),
    "one role for both": ({"tenant_role": "library_platform"}, "have one role, library_platform"),
    "a setting without a prefix": ({"settings": {"branch_id": "branch_id"}}, "'branch_id' cannot be a setting"),
    "a setting of PostgreSQL's": ({"settings": {"role": "branch_id"}}, "'role' cannot be a setting"),
    "a setting with a quote": ({"settings": {"library.b'": "branch_id"}}, "cannot be a setting"),
    "a setting with a reserved word": ({"settings": {"library.user": "branch_id"}}, "cannot be a setting"),
    "a column without a setting": ({"settings": {"library.kind": "kind"}}, "no setting has the column branch_id"),
    "a signature without a prefix": ({"signature": "signature"}, "'signature' cannot be a setting"),
    "a signature that is a setting": ({"signature": "library.kind"}, "cannot be the signature's too"),
    "a signature and no platform": ({"platform_role": None}, "needs a `platform_role`"),
    "a key that is a float": (with_column("shelf", float), "is <class 'float'>, and a key is UUID, int or str"),
    "a key that is no type": (with_column("shelf", "int"), "is 'int', and a key is UUID, int or str"),
    "a column with a statement": (with_column("a) --"), "cannot be a column of the key"),
    "a reserved column": (with_column("order"), "cannot be a column of the key"),
    "a column of the outbox": (with_column("actor_id"), "own tables have a column of that name"),
    "a column of the kept answers": (with_column("key"), "own tables have a column of that name"),
    "a function of PostgreSQL's": (with_column("schema"), "`current_schema` is PostgreSQL's own"),
    "a function name that is cut": (with_column("b" * 56), "cannot be a column of the key"),
    "a scope that is none": ({"scope": int}, "derives from crossdock.Tenant"),
    "a scope that is an object": ({"scope": BranchScope(1)}, "derives from crossdock.Tenant"),
    "an attribute that is missing": ({"scope": Tenant}, "Tenant has no attribute branch_id; Tenant has no attribute k"),
}


@pytest.mark.parametrize(("changes", "said"), WRONG.values(), ids=WRONG)
def test_it_is_said_what_is_wrong(changes: dict[str, Any], said: str) -> None:
    """By the name that is wrong."""
    with pytest.raises(ConfigurationError, match="The Tenancy is wrong: ") as refused:
        replace(GOOD, **changes)
    assert said in str(refused.value)


def test_all_faults_are_said_at_once() -> None:
    """Not one after the other."""
    with pytest.raises(ConfigurationError) as refused:
        Tenancy(scope=BranchScope, columns={"branch_id": int, "shelf": float}, tenant_role="Branch")
    assert str(refused.value).count("; ") == 4


def test_every_column_of_the_own_tables_is_taken() -> None:
    """The tables that have a tenant's key have no other."""
    own = OwnTables(NO_TENANCY)
    tables = (own.outbox, own.idempotency_keys, own.module_mismatches)
    assert {column.name for table in tables for column in table.columns} == OF_OWN_TABLES
