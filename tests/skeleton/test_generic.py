"""The library's own templates, in a project of somebody else's: without tenants, and with a tenancy of an integer."""

import ast

from crossdock.cli.skeleton.fields import KINDS, read_fields
from crossdock.cli.skeleton.files import Templates
from crossdock.cli.skeleton.names import names_of
from crossdock.tenancy import Tenancy
from tests.application import FREIGHT


def filled(tenancy: Tenancy) -> dict[str, str]:
    """A module with a field of every kind."""
    application = FREIGHT.model_copy(update={"templates": None, "modules": "library.modules"})
    vars(application)["tenancy_object"] = tenancy  # in place of what the property would load
    fields = read_fields([f"{kind}_{n}:{kind}{null}" for kind in KINDS for n, null in enumerate(("", "?"))])
    return Templates.of(application).module(names_of("old_books", None), fields, "library.modules")


def test_without_tenants_there_is_no_key_and_no_rule() -> None:
    """Each file is Python, nothing is left to fill in, and lines have room."""
    texts = filled(Tenancy())
    assert "rules.sql" not in texts
    for path, text in texts.items():
        ast.parse(text, path)
        assert "$" not in text
        assert [line for line in text.splitlines() if len(line) > 120] == [], path
    assert "tenant" not in "".join(texts.values())


def test_the_columns_of_the_tenancy_are_in_row_and_table() -> None:
    """With policies for its role. Where statements run as the login itself, a policy would hold for nobody."""
    columns, settings = {"branch_id": int}, {"library.branch_id": "branch_id"}
    texts = filled(Tenancy(columns=columns, settings=settings, tenant_role="branch"))
    assert "    branch_id: int\n" in texts["store.py"]
    assert "    branch_id: Mapped[int] = mapped_column(BigInteger)\n" in texts["models_sqlalchemy.py"]
    assert 'Index("ix_old_books_branch_id_id", "branch_id", "id")' in texts["models_sqlalchemy.py"]
    assert texts["rules.sql"].count("branch_id = (SELECT current_branch_id())") == 4
    assert "platform" not in texts["rules.sql"]
    assert "rules.sql" not in filled(Tenancy(columns=columns, settings=settings))
