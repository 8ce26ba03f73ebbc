"""The templates, filled in: a module's files and its tests', by the path that each has below its folder."""

from collections.abc import Sequence
from importlib.resources import files
from string import Template

from crossdock.cli.skeleton.fields import Field
from crossdock.cli.skeleton.names import Names

TEMPLATES = files("crossdock.cli.skeleton") / "templates"
ENDING = ".txt"
"""So that no tool takes a template for what it will be."""
IN_CLASS = "    "


def files_of_module(names: Names, fields: Sequence[Field], package: str) -> dict[str, str]:
    """File → text, of the module's own folder."""
    values = _values(names, fields, package)
    templates = sorted(each.name for each in (TEMPLATES / "module").iterdir())
    return {name.removesuffix(ENDING): _filled(f"module/{name}", values) for name in templates}


def files_of_tests(names: Names, fields: Sequence[Field], package: str) -> dict[str, str]:
    """The same of the tests', below the folder of all tests."""
    values = _values(names, fields, package)
    return {
        f"modules/test_{names.module}.py": _filled(f"test_rules.py{ENDING}", values),
        f"stores/test_{names.module}_store.py": _filled(f"test_store.py{ENDING}", values),
    }


def _values(names: Names, fields: Sequence[Field], package: str) -> dict[str, str]:
    lines = {
        "row_fields": [field.in_row for field in fields],
        "model_fields": [field.in_model for field in fields],
        "in_fields": [field.in_request for field in fields],
        "out_fields": [field.in_answer for field in fields],
    }
    return names.values(package) | {name: "\n".join(IN_CLASS + line for line in each) for name, each in lines.items()}


def _filled(template: str, values: dict[str, str]) -> str:
    return Template((TEMPLATES / template).read_text(encoding="utf-8")).substitute(values)
