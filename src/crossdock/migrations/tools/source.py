"""Python source of a revision's file: a function in it, and a literal of SQL."""

import ast


def function_of(text: str, name: str) -> ast.FunctionDef | ast.AsyncFunctionDef:
    nodes = ast.parse(text).body
    return next(n for n in nodes if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef) and n.name == name)


def literal(sql: str) -> str:
    """On as many lines as the statement has."""
    escaped = sql.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    if "\n" not in sql and '"' not in sql:
        return f'"{escaped}"'
    return f'"""{escaped}"""' if not sql.endswith('"') else f'"""{escaped[:-1]}\\""""'
