"""What the revisions before a statement have made: tables, column types, checks, indexes, functions.

Read from their SQL, without a database, so it is as complete as the revisions are readable: a rule takes what is not
known here for a table with rows and traffic.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from postgast import pg_query_pb2 as pg

from crossdock.sql.family import Family
from crossdock.sql.policies import Policy, policy_of
from crossdock.sql.shapes import (
    columns_of,
    constraints,
    definition,
    kept_from_null,
    made,
    parts,
    type_of,
)
from crossdock.sql.statement import TABLE_KINDS, Statement, dropped


@dataclass
class Column:
    """`size` is what stands in the parentheses of the type; `generated` is `s` (STORED), `v` (VIRTUAL) or nothing."""

    type: str
    size: tuple[int, ...] = ()
    is_required: bool = False
    generated: str = ""


@dataclass
class Check:
    """A CHECK: the columns that it keeps from being NULL, those that it `reads`, and whether every row was held
    against it."""

    kept: frozenset[str]
    is_valid: bool
    reads: frozenset[str] = frozenset()


@dataclass
class Table:
    """`made_in` is the key of the revision that made it. `persistence` is `p`, `u` (UNLOGGED) or `t` (TEMPORARY)."""

    made_in: str
    persistence: str = "p"
    columns: dict[str, Column] = field(default_factory=dict)
    checks: dict[str, Check] = field(default_factory=dict)


@dataclass
class Domain:
    """`base` is the type that it is made from, another domain perhaps; `is_checked`: it has a CHECK or NOT NULL."""

    base: Column
    is_checked: bool


@dataclass(frozen=True)
class Indexed:
    """The columns that an index is made of. `is_plain`: without an expression, and of all rows."""

    columns: frozenset[str]
    is_plain: bool = True


@dataclass
class Known:
    """`indexes` are index → table, `indexed` index → its columns, `functions` the volatility of those that the
    revisions make; `policies` are (table, name) → policy, `dropped_policies` have the revision before that, and
    `protected` is table → the revision that enabled row level security."""

    tables: dict[str, Table] = field(default_factory=dict)
    indexes: dict[str, str] = field(default_factory=dict)
    indexed: dict[str, Indexed] = field(default_factory=dict)
    functions: dict[str, str] = field(default_factory=dict)
    domains: dict[str, Domain] = field(default_factory=dict)
    family: Family = field(default_factory=Family)
    policies: dict[tuple[str, str], Policy] = field(default_factory=dict)
    dropped_policies: dict[tuple[str, str, str], Policy] = field(default_factory=dict)
    protected: dict[str, str] = field(default_factory=dict)

    def column(self, table: str, name: str) -> Column | None:
        return self.tables[table].columns.get(name) if table in self.tables else None

    def is_kept_from_null(self, table: str, column: str) -> bool:
        """By a CHECK that was validated: SET NOT NULL then need not look at the rows."""
        checks = self.tables[table].checks.values() if table in self.tables else ()
        return any(check.is_valid and column in check.kept for check in checks)

    def table_of(self, name: str) -> str:
        """Of an index its table, of a table itself."""
        return self.indexes.get(name, name)

    def indexes_with(self, table: str, column: str) -> list[Indexed]:
        of_table = [self.indexed[index] for index, on in self.indexes.items() if on == table and index in self.indexed]
        return [indexed for indexed in of_table if column in indexed.columns]

    def is_checked(self, kind: str) -> bool:
        """A domain with a CHECK or NOT NULL, of its own or of the domain that it is made from."""
        domain = self.domains.get(kind)
        return domain is not None and (domain.is_checked or self.is_checked(domain.base.type))

    def plain(self, column: Column) -> Column:
        """The type behind a domain."""
        domain = self.domains.get(column.type)
        return column if domain is None else self.plain(domain.base)

    def learn(self, statement: Statement, revision: str) -> None:
        """Takes in what a statement of a revision does."""
        for relation in made(statement):
            self.tables.setdefault(relation.relname, Table(revision, relation.relpersistence))
        self.family.learn(statement)
        self._learn_policies(statement, revision)
        handler = LEARN.get(statement.kind)
        if handler is not None:
            handler(self, statement.node, statement)

    def _learn_policies(self, statement: Statement, revision: str) -> None:
        node = statement.node
        if statement.kind in ("create_policy_stmt", "alter_policy_stmt"):
            key, new = (node.table.relname, node.policy_name), policy_of(statement)
            self.policies[key] = self.policies[key].altered(new) if key in self.policies else new
        elif statement.kind == "drop_stmt" and node.remove_type == pg.OBJECT_POLICY:
            for item in node.objects:
                table, name = (part.string.sval for part in list(item.list.items)[-2:])
                if (table, name) in self.policies:
                    self.dropped_policies[revision, table, name] = self.policies.pop((table, name))
        elif any(parts(statement, pg.AT_EnableRowSecurity)):
            self.protected.setdefault(node.relation.relname, revision)


def _create(known: Known, node: Any, _: Statement) -> None:
    table = known.tables.get(node.relation.relname)
    if table is None or table.columns:
        return
    for parent in (known.tables.get(item.range_var.relname) for item in node.inh_relations):
        table.columns |= {name: replace(column) for name, column in (parent.columns if parent else {}).items()}
    for item in node.table_elts:
        if item.WhichOneof("node") == "column_def":
            _add_column(node.relation.relname, table, item.column_def)
        elif item.WhichOneof("node") == "constraint":
            _add_constraint(node.relation.relname, table, item.constraint)


def _alter(known: Known, node: Any, statement: Statement) -> None:
    name = node.relation.relname
    below = known.family.below(name) if node.relation.inh else []
    for each in [name, *below]:
        table = known.tables.get(each)
        for part in parts(statement):
            handler = ALTER.get(part.subtype)
            if handler is not None and table is not None:
                handler(each, table, part)


def _add_column(name: str, table: Table, column: Any) -> None:
    for check in constraints(column, pg.CONSTR_CHECK):
        called = check.conname or f"{name}_{column.colname}_check"
        table.checks[called] = Check(kept_from_null(check.raw_expr), True, columns_of(check.raw_expr))
    is_required = any(constraints(column, pg.CONSTR_NOTNULL, pg.CONSTR_PRIMARY))
    generated = "".join(each.generated_kind for each in constraints(column, pg.CONSTR_GENERATED))
    table.columns.setdefault(column.colname, Column(*type_of(column), is_required, generated))


def _add_constraint(name: str, table: Table, constraint: Any) -> None:
    if constraint.contype == pg.CONSTR_CHECK:
        kept = kept_from_null(constraint.raw_expr)
        called = constraint.conname or "_".join([name, *sorted(kept), "check"])
        table.checks[called] = Check(kept, not constraint.skip_validation, columns_of(constraint.raw_expr))
    if constraint.contype in (pg.CONSTR_PRIMARY, pg.CONSTR_NOTNULL) and not constraint.skip_validation:
        _require(table, {item.string.sval for item in constraint.keys})


def _require(table: Table, names: set[str], *, is_required: bool = True) -> None:
    for name in names & table.columns.keys():
        table.columns[name].is_required = is_required


def _change_type(table: Table, part: Any) -> None:
    old = table.columns.get(part.name)
    kind, size = type_of(definition(part).column_def)
    changed = replace(old, type=kind, size=size) if old is not None else Column(kind, size)
    table.columns[part.name] = changed


def _validate(table: Table, name: str) -> None:
    if name in table.checks:
        table.checks[name].is_valid = True


def _persist(table: Table, persistence: str) -> None:
    table.persistence = persistence


ALTER: dict[int, Callable[[str, Table, Any], object]] = {
    pg.AT_SetLogged: lambda _, table, _part: _persist(table, "p"),
    pg.AT_SetUnLogged: lambda _, table, _part: _persist(table, "u"),
    pg.AT_AddColumn: lambda name, table, part: _add_column(name, table, definition(part).column_def),
    pg.AT_DropColumn: lambda _, table, part: table.columns.pop(part.name, None),
    pg.AT_AlterColumnType: lambda _, table, part: _change_type(table, part),
    pg.AT_SetNotNull: lambda _, table, part: _require(table, {part.name}),
    pg.AT_DropNotNull: lambda _, table, part: _require(table, {part.name}, is_required=False),
    pg.AT_AddConstraint: lambda name, table, part: _add_constraint(name, table, definition(part).constraint),
    pg.AT_DropConstraint: lambda _, table, part: table.checks.pop(part.name, None),
    pg.AT_ValidateConstraint: lambda _, table, part: _validate(table, part.name),
}


def _create_index(known: Known, node: Any, _: Statement) -> None:
    elements = [item.index_elem for item in (*node.index_params, *node.index_including_params)]
    worked_out = [each.expr for each in elements if not each.name]
    if node.HasField("where_clause"):
        worked_out.append(node.where_clause)
    named = {each.name for each in elements if each.name}.union(*map(columns_of, worked_out))
    known.indexes[node.idxname] = node.relation.relname
    known.indexed[node.idxname] = Indexed(frozenset(named), not worked_out)


def _create_domain(known: Known, node: Any, _: Statement) -> None:
    is_checked = any(item.constraint.contype in (pg.CONSTR_CHECK, pg.CONSTR_NOTNULL) for item in node.constraints)
    known.domains[node.domainname[-1].string.sval] = Domain(Column(*type_of(node)), is_checked)


def _alter_domain(known: Known, node: Any, _: Statement) -> None:
    """What is dropped may have been one of several: a domain that was checked is taken for one that still is."""
    domain = known.domains.get(node.type_name[-1].string.sval)
    if domain is not None and node.subtype in ADDS_A_CHECK:
        domain.is_checked = True


def _drop(known: Known, node: Any, statement: Statement) -> None:
    for name in dropped(statement):
        if node.remove_type in TABLE_KINDS:
            known.tables.pop(name, None)
        elif node.remove_type == pg.OBJECT_INDEX:
            known.indexes.pop(name, None)


def _rename(known: Known, node: Any, _: Statement) -> None:
    old, table = node.relation.relname, known.tables.get(node.relation.relname)
    if node.rename_type == pg.OBJECT_INDEX:
        known.indexes[node.newname] = known.indexes.pop(old, old)
    elif table is None:
        return
    elif node.rename_type == pg.OBJECT_TABLE:
        known.tables[node.newname] = known.tables.pop(old)
    elif node.rename_type == pg.OBJECT_COLUMN and node.subname in table.columns:
        table.columns[node.newname] = table.columns.pop(node.subname)
    elif node.rename_type == pg.OBJECT_TABCONSTRAINT and node.subname in table.checks:
        table.checks[node.newname] = table.checks.pop(node.subname)


def _create_function(known: Known, node: Any, _: Statement) -> None:
    """For PostgreSQL a function without a volatility is volatile."""
    found = [item.def_elem.arg.string.sval for item in node.options if item.def_elem.defname == "volatility"]
    known.functions[node.funcname[-1].string.sval] = found[-1] if found else "volatile"


ADDS_A_CHECK = ("C", "O")
"""ALTER DOMAIN ... ADD CONSTRAINT and SET NOT NULL."""

LEARN: dict[str, Callable[[Known, Any, Statement], None]] = {
    "create_stmt": _create,
    "alter_table_stmt": _alter,
    "index_stmt": _create_index,
    "drop_stmt": _drop,
    "rename_stmt": _rename,
    "create_function_stmt": _create_function,
    "create_domain_stmt": _create_domain,
    "alter_domain_stmt": _alter_domain,
}
