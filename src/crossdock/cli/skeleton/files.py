"""The templates, filled in: a module's files and its tests', by the path that each has below its folder."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.resources import files
from importlib.resources.abc import Traversable
from string import Template

from crossdock.application import Application
from crossdock.cli.skeleton.fields import Field
from crossdock.cli.skeleton.names import Names
from crossdock.cli.skeleton.tenants import tenant_values
from crossdock.errors import ConfigurationError

OURS = "crossdock.cli.skeleton:templates"
"""The library's own, for an application that names none."""
ENDING = ".txt"
"""So that no tool takes a template for what it will be."""
NAME = "NAME"
"""In the name of a template's file, for the module's."""
IN_CLASS = "    "


@dataclass(frozen=True, slots=True)
class Templates:
    """A folder with two others: `module`, whose files a new module gets, and `tests`, for the folder of the tests. A
    template is text with `$name` and the like in it, whose values are those of `Names.values` and `values_of`."""

    folder: Traversable
    application: Application

    @classmethod
    def of(cls, application: Application) -> "Templates":
        """Raises ConfigurationError where the folder that the application names is none."""
        named = application.templates or OURS
        package, colon, path = named.partition(":")
        folder = files(package) / path if colon else application.root / named
        if not (folder / "module").is_dir():
            raise ConfigurationError(f"[tool.crossdock] names {named} as templates, which has no folder `module`.")
        return cls(folder, application)

    def module(self, names: Names, fields: Sequence[Field], package: str) -> dict[str, str]:
        """File → text, of the module's own folder."""
        return self._filled("module", names, fields, package)

    def tests(self, names: Names, fields: Sequence[Field], package: str) -> dict[str, str]:
        """The same of the tests, below the folder of all tests."""
        return self._filled("tests", names, fields, package)

    def _filled(self, folder: str, names: Names, fields: Sequence[Field], package: str) -> dict[str, str]:
        """Without the files that have nothing in them but a value which is empty here."""
        values = names.values(package) | values_of(fields)
        values |= base_of(self.application) | tenant_values(self.application.tenancy_object, names.table)
        filled = {
            path.replace(NAME, names.module).removesuffix(ENDING): (text, Template(text).substitute(values))
            for path, text in sorted(_below(self.folder / folder))
        }
        return {path: made for path, (text, made) in filled.items() if made.strip() or not text.strip()}


def values_of(fields: Sequence[Field]) -> dict[str, str]:
    """What the templates call the lines of the fields, each of which stands in a class."""
    lines = {
        "row_fields": [field.in_row for field in fields],
        "model_fields": [field.in_model for field in fields],
        "in_fields": [field.in_request for field in fields],
        "out_fields": [field.in_answer for field in fields],
    }
    return {name: "\n".join(IN_CLASS + line for line in each) for name, each in lines.items()}


def base_of(application: Application) -> dict[str, str]:
    """The declarative base that a model of the application derives from. Raises ConfigurationError."""
    if application.alembic is None:
        raise ConfigurationError(
            "A new module is on SQLAlchemy, and there is no [tool.crossdock.alembic] for its chain."
        )
    named = application.alembic.metadata
    module, _, name = named.partition(":")
    if not hasattr(application.load(named), "registry"):
        raise ConfigurationError(f"{named} is no declarative base: name one as `metadata` in [tool.crossdock.alembic].")
    return {"base_module": module, "base": name}


def _below(folder: Traversable, before: str = "") -> Iterator[tuple[str, str]]:
    """Path and text of each template."""
    if not folder.is_dir():
        return
    for each in folder.iterdir():
        if each.is_dir():
            yield from _below(each, f"{before}{each.name}/")
        elif each.name.endswith(ENDING):
            yield before + each.name, each.read_text(encoding="utf-8")
