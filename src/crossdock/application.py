"""The description of an application that the library works for: one object, from a pyproject or from code."""

import inspect
import os
import sys
import tomllib
from importlib import import_module
from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, ValidationError

from crossdock.errors import ConfigurationError
from crossdock.ids import Ids
from crossdock.tenancy import NO_TENANCY, Tenancy

FILE = "pyproject.toml"
FOLDER_VARIABLE = "CROSSDOCK_PROJECT"
"""Names the folder of the pyproject, for a process that is started in another folder."""


class NoProject(ConfigurationError):
    """There is no project here: no pyproject.toml with a table [tool.crossdock]."""


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)


class AerichChain(_Table):
    """The chain of Tortoise's models. `folder` is aerich's `location`: the revisions are in the folder of the `app`
    inside it, which is Tortoise's word for a group of models."""

    folder: Path
    app: str = "models"


class AlembicChain(_Table):
    """The chain of SQLAlchemy's models. `folder` is alembic's `script_location`; `metadata` names the MetaData, or the
    declarative base, that the models are in, as in `library.models:Base`. `version_table` is alembic's own."""

    folder: Path
    metadata: str = "crossdock.models.base:Base"
    version_table: str = "alembic_version"


class Application(_Table):
    """The parts of an application, each named as in an import: `package.file:name`.

    Folders are relative to `root`, and nothing is looked for anywhere else.
    """

    name: str
    root: Path
    """The folder of the pyproject."""
    modules: str | tuple[str, ...]
    """The package with a folder for each module, or the name of a sequence of manifests, as in
    `library.manifests:MODULES`. Several of either are a list."""
    sources: tuple[Path, ...] = (Path(),)
    """The folders that modules are imported from, beside what is installed. What is installed comes first."""
    settings: str = "crossdock.config:Settings"
    """The class of the settings."""
    tenancy: str | Tenancy | None = None
    """How tenants are kept apart: a `Tenancy`, or the name of one."""
    ids: Ids = "uuid"
    """The type of the keys of its tables."""
    rules: str | None = None
    """An SQL file with what the policies of all modules need, as `package:file`."""
    library_tables: str | None = None
    """The revision of a chain of the application that made the library's own tables, where one did."""
    aerich: AerichChain | None = None
    alembic: AlembicChain | None = None
    app: str | None = None
    """The app, or the function that makes it, for `crossdock serve`."""
    demo: str | None = None
    """A `crossdock.operations.demo.Demo`, which makes demo data for `crossdock seed`."""
    templates: str | None = None
    """A folder of its own for `crossdock modules new`, by its path or as `package:folder`."""
    checks: tuple[str, ...] = ()
    """Functions that take the settings and return a `crossdock.operations.check.Check`. `crossdock doctor` shows them,
    and `crossdock serve` refuses to start where one has failed."""
    database_checks: tuple[str, ...] = ()
    """Coroutine functions that take the settings and a connection of the platform's login, and return a Check, or None.
    `crossdock doctor` shows them, in place of its own check of that name."""

    @classmethod
    def read(cls, file: Path) -> Self:
        """From the table [tool.crossdock] of a pyproject. Raises NoProject without one, ConfigurationError for what it
        may not hold."""
        table = tomllib.loads(file.read_text(encoding="utf-8")).get("tool", {}).get("crossdock")
        if table is None:
            raise NoProject(f"{file} has no table [tool.crossdock]: `crossdock init` writes one.")
        overridden = os.environ.get("CROSSDOCK_MODULES_PACKAGE")
        table |= {"modules": overridden} if overridden else {}
        try:
            return cls(root=file.parent.resolve(), **table)
        except ValidationError as error:
            faults = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
            raise ConfigurationError(f"[tool.crossdock] in {file} is wrong: {faults}.") from None

    @classmethod
    def find(cls, start: Path | None = None) -> Self:
        """Of the folder that CROSSDOCK_PROJECT names; without it of `start`, the current folder by default, or the
        nearest one above it. Raises NoProject."""
        named = os.environ.get(FOLDER_VARIABLE)
        if named:
            file = Path(named) / FILE
            if not file.is_file():
                raise NoProject(f"{FOLDER_VARIABLE} names {named}, and there is no {FILE} in it.")
            return cls.read(file)
        here = (start or Path.cwd()).resolve()
        for folder in (here, *here.parents):
            file = folder / FILE
            if file.is_file() and "[tool.crossdock" in file.read_text(encoding="utf-8"):
                return cls.read(file)
        raise NoProject(
            f"No {FILE} in {here}, or above it, has a table [tool.crossdock]. Go to the folder of your project, name it"
            f" in {FOLDER_VARIABLE}, or write one with `crossdock init`."
        )

    def make_importable(self) -> None:
        """Adds `sources` to what Python looks through: the `crossdock` program lies elsewhere, and would not find a
        project that is not installed. At the end, so that a folder called `alembic` does not hide the library."""
        for folder in self.sources:
            path = str((self.root / folder).resolve())
            if path not in sys.path:
                sys.path.append(path)

    def load(self, path: str) -> Any:
        """The object at `package.file:name`. Raises ConfigurationError where it is not there."""
        self.make_importable()
        module, _, name = path.partition(":")
        try:
            found: Any = import_module(module)
            for part in name.split("."):
                found = getattr(found, part)
        except (ImportError, AttributeError) as error:
            raise ConfigurationError(f"[tool.crossdock] names {path}, which cannot be imported: {error}.") from error
        return found

    @property
    def tenancy_object(self) -> Tenancy:
        """How tenants are kept apart; NO_TENANCY where there are none."""
        given = self.tenancy or NO_TENANCY
        found = self.load(given) if isinstance(given, str) else given
        if not isinstance(found, Tenancy):
            raise ConfigurationError(f"[tool.crossdock] names {self.tenancy}, which is no crossdock.tenancy.Tenancy.")
        return found

    @property
    def settings_class(self) -> Any:
        return self.load(self.settings)

    def make_app(self, **arguments: Any) -> Any:
        """The app: an object as it is, and of a function what it returns. It is called with those of the arguments
        (`settings`, `registry`) that it has parameters for. Raises ConfigurationError where none is named."""
        if self.app is None:
            raise ConfigurationError(
                "There is no app to serve: name it, or what makes it, as `app` in [tool.crossdock]."
            )
        found = self.load(self.app)
        if not inspect.isfunction(found) or inspect.iscoroutinefunction(found):
            return found  # an ASGI app: an object, or a function that is awaited for each request
        wanted = inspect.signature(found).parameters
        return found(**{name: value for name, value in arguments.items() if name in wanted})

    def check(self, settings: Any) -> list[Any]:
        """What the application's own checks say of its settings."""
        return [self.load(path)(settings) for path in self.checks]

    async def check_database(self, settings: Any, platform: Any) -> list[Any]:
        """What the application's own checks say of its database. `platform` is a connection of asyncpg."""
        found = [await self.load(path)(settings, platform) for path in self.database_checks]
        return [check for check in found if check is not None]

    @property
    def modules_named(self) -> tuple[str, ...]:
        """What `modules` names, each a package or a sequence of manifests."""
        return (self.modules,) if isinstance(self.modules, str) else self.modules

    @property
    def tortoise_app(self) -> str:
        """What Tortoise calls the group of its models: relations name a model as `models.Author`."""
        return self.aerich.app if self.aerich else "models"

    def folder(self, chain: AerichChain | AlembicChain) -> Path:
        """Of a chain, as it lies on this machine."""
        return self.root / chain.folder
