"""The one word of a manifest that a hand-over changes, changed in its source: all else stays as it was written."""

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path

import libcst as cst

from crossdock.errors import Invalid
from crossdock.registry import Module, Orm, Registry

KEYWORD = "migrated_by"


def manifest_path(registry: Registry, module: Module) -> Path:
    file = import_module(f"{registry.package}.{module.name}.module").__file__
    assert file is not None
    return Path(file)


def with_migrated_by(source: str, migrated_by: Mapping[str, Orm]) -> str:
    """The source of a manifest with another `migrated_by`, or without one when it is empty.

    Raises Invalid when there is no plain `MODULE = Module(...)` in it.
    """
    edit = _Edit(migrated_by)
    changed = cst.parse_module(source).visit(edit).code
    if edit.count != 1:
        raise Invalid(f"The manifest has {edit.count} calls of Module(...), one was expected: set {KEYWORD} by hand.")
    return changed


class _Edit(cst.CSTTransformer):
    def __init__(self, migrated_by: Mapping[str, Orm]) -> None:
        self.count = 0
        self._migrated_by = migrated_by

    def leave_Call(self, original_node: cst.Call, updated_node: cst.Call) -> cst.Call:  # noqa: N802  libcst's name
        if not isinstance(original_node.func, cst.Name) or original_node.func.value != "Module":
            return updated_node
        self.count += 1
        arguments = [each for each in updated_node.args if each.keyword is None or each.keyword.value != KEYWORD]
        end, between = updated_node.args[-1].comma, updated_node.args[0].comma
        if self._migrated_by:
            arguments.append(cst.Arg(keyword=cst.Name(KEYWORD), equal=EQUAL, value=self._value()))
        spaced = [each.with_changes(comma=between) for each in arguments[:-1]]
        return updated_node.with_changes(args=[*spaced, arguments[-1].with_changes(comma=end)])

    def _value(self) -> cst.BaseExpression:
        items = ", ".join(f'"{table}": Orm.{orm.name}' for table, orm in sorted(self._migrated_by.items()))
        return cst.parse_expression(f"{{{items}}}")


EQUAL = cst.AssignEqual(cst.SimpleWhitespace(""), cst.SimpleWhitespace(""))
