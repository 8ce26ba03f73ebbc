"""Statements, put into a revision's file that its tool has written."""

import ast
import re
from pathlib import Path

from crossdock.migrations.authoring.rules_change import RulesChange
from crossdock.migrations.names import AERICH

PARAMETER = re.compile(r"(?<![:\w\\]):(?=\w)")
"""What SQLAlchemy's text() takes for a parameter."""
INDENT = "    "


def insert(path: Path, chain: str, change: RulesChange) -> None:
    """Into both directions of a file of either chain."""
    put = _into_aerich if chain == AERICH else _into_alembic
    text = put(path.read_text(encoding="utf-8"), "upgrade", [], change.up)
    path.write_text(put(text, "downgrade", change.before, change.after), encoding="utf-8")


def _into_alembic(text: str, function: str, first: list[str], last: list[str]) -> str:
    """alembic's: Python, of which `pass` is nothing."""
    body = _function(text, function).body
    begin, end = body[0].lineno - 1, body[-1].end_lineno
    lines = text.splitlines(keepends=True)
    kept = [] if isinstance(body[0], ast.Pass) else lines[begin:end]
    made = [*_operations(first), *kept, *_operations(last)] or lines[begin:end]
    return "".join([*lines[:begin], *made, *lines[end:]])


def _operations(statements: list[str]) -> list[str]:
    escaped = (PARAMETER.sub(r"\\:", each) for each in statements)
    return [f"{INDENT}op.execute({_literal(each)})\n" for each in escaped]


def _into_aerich(text: str, function: str, first: list[str], last: list[str]) -> str:
    """aerich's: one text of SQL, which the function returns."""
    returned = next(node for node in ast.walk(_function(text, function)) if isinstance(node, ast.Return))
    value = returned.value
    assert isinstance(value, ast.Constant) and isinstance(value.value, str)
    sql = [*first, *filter(None, [value.value.strip().rstrip(";")]), *last]
    lines = text.splitlines(keepends=True)
    made = f"{INDENT}return {_literal(chr(10) + ''.join(f'{each};{chr(10)}' for each in sql))}\n"
    return "".join([*lines[: returned.lineno - 1], made, *lines[returned.end_lineno :]])


def _function(text: str, name: str) -> ast.FunctionDef | ast.AsyncFunctionDef:
    nodes = ast.parse(text).body
    return next(n for n in nodes if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef) and n.name == name)


def _literal(sql: str) -> str:
    """On as many lines as the statement has."""
    escaped = sql.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    if "\n" not in sql and '"' not in sql:
        return f'"{escaped}"'
    return f'"""{escaped}"""' if not sql.endswith('"') else f'"""{escaped[:-1]}\\""""'
