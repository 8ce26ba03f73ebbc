"""Rules about who may see and do what: rights for everybody, policies that let more through, gaps in the policies."""

from collections.abc import Iterator

from postgast import pg_query_pb2 as pg

from crossdock.migrations.lint.case import Case
from crossdock.migrations.lint.finding import Problem
from crossdock.sql.policies import Policy, is_tighter, policy_of

CLOSED = "Name the role, and grant what it needs: GRANT SELECT ON ... TO crossdock_app."
BYPASSES = ("bypassrls", "superuser")


def grant_public(case: Case) -> Iterator[Problem]:
    """Every role of the server has the right, that of tomorrow's tenant among them."""
    node = case.node.action if case.statement.kind == "alter_default_privileges_stmt" else case.node
    if case.statement.kind in ("grant_stmt", "alter_default_privileges_stmt") and node.is_grant:
        if any(item.role_spec.roletype == pg.ROLESPEC_PUBLIC for item in node.grantees):
            yield Problem("Everybody who can connect has this right from here on.", CLOSED)
        elif node.grant_option:
            yield Problem("Who has this right may give it to others.", "Leave out WITH GRANT OPTION.")
    if case.statement.kind == "grant_role_stmt" and case.node.is_grant:
        yield Problem("Who is a member of a role may do all that the role may.", CLOSED)


def looser_policy(case: Case) -> Iterator[Problem]:
    """Tenants see or write rows that they could not before, or nobody can tell whether they do."""
    kind, node = case.statement.kind, case.node
    if kind == "drop_stmt" and node.remove_type == pg.OBJECT_POLICY:
        for table, name in (_pair(item) for item in node.objects):
            old = case.before.policies.get((table, name))
            if old is not None and not old.is_permissive:
                yield _looser(table, f"{name} holds for every row, and goes")
    elif kind in ("create_policy_stmt", "alter_policy_stmt") and not case.is_new(node.table.relname):
        yield from _written(case, policy_of(case.statement))


def _written(case: Case, new: Policy) -> Iterator[Problem]:
    table, name = case.node.table.relname, case.node.policy_name
    old = case.before.policies.get((table, name)) or case.before.dropped_policies.get((case.revision.key, table, name))
    is_protected = table in case.before.protected and case.before.protected[table] != case.revision.key
    if case.statement.kind == "create_policy_stmt" and old is None:
        # Events of a module are about its own rows: a tenant who may add them to the outbox cannot read there.
        is_event = table == "outbox" and case.node.cmd_name == "insert"
        if new.is_permissive and is_protected and not is_event:
            yield _looser(table, f"{name} lets rows through beside the policies that are there")
    elif old is None or not is_tighter(old, new):
        yield _looser(table, f"whether {name} lets more through than before, the lint cannot know")


def _looser(table: str, what: str) -> Problem:
    return Problem(
        f"Tenants may see or write more of {table}: {what}.",
        "Write what was there AND what is new, so that it can be read to be no more; or AS RESTRICTIVE.",
    )


def _pair(item: pg.Node) -> tuple[str, str]:
    names = [name.string.sval for name in item.list.items]
    return names[-2], names[-1]


def around_policies(case: Case) -> Iterator[Problem]:
    """Whoever owns a table, or runs with its owner's rights, passes its policies by."""
    node, kind = case.node, case.statement.kind
    if kind in ("create_role_stmt", "alter_role_stmt"):
        said = {item.def_elem.defname: item.def_elem.arg for item in node.options}
        for name in BYPASSES:
            if name in said and said[name].boolean.boolval:
                yield Problem(f"This role passes every policy by ({name.upper()}).", "Leave that out.")
    elif kind == "create_table_as_stmt" and node.objtype == pg.OBJECT_MATVIEW:
        yield Problem(
            f"The materialised view {node.into.rel.relname} keeps every tenant's rows, and can have no policies.",
            "Grant it to no tenant; or write a view WITH (security_invoker = true), or a table with policies.",
        )
    elif kind == "view_stmt":
        if not any(item.def_elem.defname == "security_invoker" for item in node.options):
            yield Problem(
                f"The view {node.view.relname} is read with its owner's rights: it shows every tenant's rows.",
                "CREATE VIEW ... WITH (security_invoker = true).",
            )
    elif kind == "create_function_stmt":
        said = {item.def_elem.defname: item.def_elem.arg for item in node.options}
        settings = [item.def_elem.arg.variable_set_stmt.name for item in node.options if item.def_elem.defname == "set"]
        if "security" in said and said["security"].boolean.boolval and "search_path" not in settings:
            yield Problem(
                "It runs with its owner's rights, and looks its tables up where the caller says.",
                "SECURITY DEFINER with SET search_path = the schema, pg_temp.",
            )
    for _ in case.parts(pg.AT_NoForceRowSecurity):
        yield Problem(f"The owner of {case.table} passes its policies by.", "Leave FORCE ROW LEVEL SECURITY on.")
    for part in case.parts(pg.AT_ChangeOwner):
        what = f"{part.newowner.rolename or 'Another role'} owns {case.table} from here on, and passes its policies by."
        yield Problem(what, "Leave the owner, and grant what is needed.")
