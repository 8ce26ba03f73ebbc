"""The one word of a manifest that a hand-over changes, changed in its source: all else stays as it was written."""

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path

import libcst as cst

from crossdock.errors import Invalid
from crossdock.registry import Module, Orm, Registry

KEYWORD = "migrated_by"


def manifest_path(registry: Registry, module: Module) -> Path:
    file = import_module(_manifest(registry, module)).__file__
    assert file is not None
    return Path(file)


def _manifest(registry: Registry, module: Module) -> str:
    """Its own `module.py`, or the file that lists it among others."""
    own = f"{registry.package_of(module)}.module"
    lists = [named.partition(":") for named in registry.application.modules_named if ":" in named]
    for file, _, name in lists:
        if any(each.name == module.name for each in registry.application.load(f"{file}:{name}")):
            return file
    return own


def with_migrated_by(source: str, migrated_by: Mapping[str, Orm], name: str | None = None) -> str:
    """The source of a manifest with another `migrated_by`, or without one when it is empty. `name` is the module's,
    where the file has several.

    Raises Invalid when there is no plain `Module(name="...", ...)` of it.
    """
    parsed = cst.parse_module(source)
    calls = _Calls()
    parsed.visit(calls)
    edit = _Edit(migrated_by, name if calls.count > 1 else None)
    changed = parsed.visit(edit).code
    if edit.count != 1:
        raise Invalid(f"The manifest has {edit.count} calls of Module(...), one was expected: set {KEYWORD} by hand.")
    return changed


def _is_manifest(call: cst.Call) -> bool:
    return isinstance(call.func, cst.Name) and call.func.value == "Module"


class _Calls(cst.CSTVisitor):
    """Counts the manifests of a file."""

    def __init__(self) -> None:
        self.count = 0

    def visit_Call(self, node: cst.Call) -> None:  # noqa: N802  libcst's name
        self.count += _is_manifest(node)


class _Edit(cst.CSTTransformer):
    def __init__(self, migrated_by: Mapping[str, Orm], name: str | None = None) -> None:
        self.count = 0
        self._migrated_by = migrated_by
        self._name = name

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.Call:  # noqa: N802  libcst's name
        if not _is_manifest(original_node) or not self._is_named(original_node):
            return updated_node
        self.count += 1
        arguments = [each for each in updated_node.args if each.keyword is None or each.keyword.value != KEYWORD]
        end, between = updated_node.args[-1].comma, updated_node.args[0].comma
        if self._migrated_by:
            arguments.append(cst.Arg(keyword=cst.Name(KEYWORD), equal=EQUAL, value=self._value()))
        spaced = [each.with_changes(comma=between) for each in arguments[:-1]]
        return updated_node.with_changes(args=[*spaced, arguments[-1].with_changes(comma=end)])

    def _is_named(self, call: cst.Call) -> bool:
        said = {each.keyword.value: each.value for each in call.args if each.keyword}
        name = said.get("name")
        return self._name is None or (isinstance(name, cst.SimpleString) and name.evaluated_value == self._name)

    def _value(self) -> cst.BaseExpression:
        items = ", ".join(f'"{table}": Orm.{orm.name}' for table, orm in sorted(self._migrated_by.items()))
        return cst.parse_expression(f"{{{items}}}")


EQUAL = cst.AssignEqual(cst.SimpleWhitespace(""), cst.SimpleWhitespace(""))
