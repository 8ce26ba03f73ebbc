"""What the tenancy of an application means for a new module: the columns of its key, and who sees which rows."""

from uuid import UUID

from crossdock.tenancy import Tenancy

COLUMNS = {UUID: "Uuid", int: "BigInteger", str: "Text"}
HEAD = "-- What the models do not say of {table}: who sees and writes which rows.\n"


def tenant_values(tenancy: Tenancy, table: str) -> dict[str, str]:
    """What the templates call it: nothing of it where there are no tenants."""
    row = [f"    {name}: {kind.__name__}\n" for name, kind in tenancy.columns.items()]
    model = [
        f"    {name}: Mapped[{kind.__name__}] = mapped_column({COLUMNS[kind]})\n"
        for name, kind in tenancy.columns.items()
    ]
    return {
        "row_keys": "".join(row),
        "model_keys": "".join(model),
        "table_args": _table_args(tenancy, table),
        "tenant_key": "" if tenancy.is_none else "**tx.tenant_key, ",
        "of_tenant": "" if tenancy.is_none else ", of the transaction's tenant",
        "rules": _rules(tenancy, table),
    }


def _table_args(tenancy: Tenancy, table: str) -> str:
    """An index by which a list of one tenant is read in the order of its keys."""
    if tenancy.is_none:
        return ""
    columns = [*tenancy.columns, "id"]
    quoted = ", ".join(f'"{name}"' for name in columns)
    return f'    __table_args__ = (Index("ix_{table}_{"_".join(columns)}", {quoted}),)\n'


def _rules(tenancy: Tenancy, table: str) -> str:
    """Row level security, where statements run as a role for which it holds."""
    if tenancy.is_none or tenancy.tenant_role is None:
        return ""
    # The library's own functions say which tenant it is. Each stands in a SELECT of its own, so that it is called once
    # for a statement and not once for a row. Unset is NULL, and NULL equals nothing: no tenant, no rows.
    own = " AND ".join(f"{column} = (SELECT current_{column}())" for column in tenancy.columns)
    role = tenancy.tenant_role
    lines = [HEAD.format(table=table), f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY;"]
    lines.append(f"GRANT SELECT, INSERT, UPDATE ON {table} TO {role};")
    if tenancy.platform_role is not None:
        platform = tenancy.platform_role
        lines.append(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO {platform};")
        lines.append(f"CREATE POLICY {table}_platform ON {table} TO {platform} USING (true) WITH CHECK (true);")
    for name, command, conditions in (
        ("read", "SELECT", ("USING",)),
        ("add", "INSERT", ("WITH CHECK",)),
        ("change", "UPDATE", ("USING", "WITH CHECK")),
    ):
        clauses = "".join(f"\n    {condition} ({own})" for condition in conditions)
        lines.append(f"CREATE POLICY {table}_{name} ON {table} FOR {command} TO {role}{clauses};")
    return "\n".join(lines)
