"""The frame of a store: each method has its body on the other ORM beside it. On SQLAlchemy what is plain is done.

On Tortoise no body is: an attribute of a model there may be a relation, and what a compiled statement asks for stands
outside of the method that sends it.
"""

import dataclasses
from collections.abc import Iterator, Sequence
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from string import Template

from crossdock.registry import Module, Orm, Registry
from crossdock.registry.registry import STORE_PREFIX, is_there
from crossdock.schema.sync.contract import READS, STORE, Method, methods_of
from crossdock.schema.sync.description import Model
from crossdock.schema.sync.python import INDENT, WIDTH, Call, Imports, lines

UNTRANSLATED = Template((files(__package__) / "templates" / "untranslated.txt").read_text(encoding="utf-8").strip())
TITLES = {Orm.SQLALCHEMY: "SQLAlchemy", Orm.TORTOISE: "Tortoise"}
TRANSACTION = "crossdock.transaction"
VERSIONED = {"id", "version"}
"""The columns without which a table has no `Rows`."""


def write_frame(  # noqa: PLR0917
    registry: Registry, module: Module, to: Orm, models: Sequence[Model], models_file: str, sources: Sequence[Path]
) -> tuple[Path | None, tuple[str, ...]]:
    """The file, and the methods that are still to be translated. Nothing where there is such a store already, or no
    contract. `models_file` is the dotted name of the models, `sources` are the folders of the own packages."""
    package = registry.package_of(module)
    if module.store is None or is_there(f"{package}.store_{to.value}"):
        return None, ()
    spec = find_spec(package)
    assert spec is not None
    folders = spec.submodule_search_locations or []
    path = Path(folders[0]) / f"store_{to.value}.py"
    writer = FrameWriter(registry, module, to, models, models_file)
    path.write_text(writer.written(sources), encoding="utf-8")
    return path, tuple(writer.untranslated)


class FrameWriter:
    """`untranslated` are the names of the methods that it could not write."""

    def __init__(self, registry: Registry, module: Module, to: Orm, models: Sequence[Model], models_file: str) -> None:
        self._to = to
        self._methods = methods_of(registry, module, to.other)
        self._name = f"{STORE_PREFIX[to]}{(module.store or '').removesuffix(STORE)}"
        self._module = module
        self._models = {frozenset(each.column for each in model.fields): model for model in models if model.name}
        self._models_file = models_file
        self._constants: dict[str, Call] = {}
        self.untranslated: list[str] = []
        self.imports = Imports()

    def written(self, sources: Sequence[Path]) -> str:
        """The whole file."""
        reads, commands = [list(self._class(is_read)) for is_read in (True, False)]
        constants = [line for name, call in self._constants.items() for line in lines(f"{name} = ", call, indent="")]
        blocks = ["\n".join(block) for block in (reads, commands) if block]
        head = [
            f'"""The {self._module.name} store, on {TITLES[self._to]}."""',
            self.imports.written(sources),
            *(["\n".join(constants)] if constants else []),
        ]
        text = "\n\n".join(head) + "\n\n\n" + "\n\n\n".join(blocks) + "\n"
        long = any(len(line) > WIDTH for line in text.splitlines())
        return f"# ruff: noqa: E501\n{text}" if long else text

    def _class(self, is_read: bool) -> Iterator[str]:
        methods = [method for method in self._methods if method.is_read is is_read]
        has_reads = any(method.is_read for method in self._methods)
        if is_read and not has_reads:
            return
        yield from self._beginning(is_read=is_read, has_reads=has_reads)
        for method in methods:
            yield ""
            yield from self._method(method)

    def _beginning(self, *, is_read: bool, has_reads: bool) -> Iterator[str]:
        if is_read:
            yield f"class {self._name}{READS}:"
            yield f"{INDENT}def __init__(self, unit: {self.imports(TRANSACTION, 'Unit')}) -> None:"
            yield f"{INDENT * 2}self._unit = unit"
            return
        yield f"class {self._name}{STORE}{f'({self._name}{READS})' if has_reads else ''}:"
        yield f"{INDENT}def __init__(self, tx: {self.imports(TRANSACTION, 'Transaction')}) -> None:"
        yield f"{INDENT * 2}{'super().__init__(tx)' if has_reads else 'self._unit = tx'}"
        yield f"{INDENT * 2}self._tx = tx"

    def _method(self, method: Method) -> Iterator[str]:
        yield from (f"{INDENT}{line}" for line in method.signature(self.imports))
        body = self._plain(method)
        if body is not None:
            yield f"{INDENT * 2}{body}"
            return
        self.untranslated.append(method.name)
        yield from (f"{INDENT * 2}# {line}".rstrip() for line in method.body)
        yield f"{INDENT * 2}{UNTRANSLATED.substitute(method=method.name, file=f'store_{self._to.other.value}.py')}"

    def _plain(self, method: Method) -> str | None:
        """The body of a method that every store has, where its row is exactly one table's; None for any other."""
        row, is_list = method.row
        if self._to is Orm.TORTOISE or row is None or method.has_conditions:
            return None
        columns = frozenset(field.name for field in dataclasses.fields(row))
        model = self._models.get(columns)
        if model is None:
            return None
        match method.name, method.parameters:
            case "get", [key, *rest] if columns >= VERSIONED and not is_list and rest in ([], ["lock"]):
                lock = ", lock=lock" if rest else ""
                return f"return await {self._rows(model, row)}.get(self._unit, {key}{lock})"
            case "change", [given, "version"] if columns >= VERSIONED:
                return f"return await {self._rows(model, row)}.change(self._tx, {given}, version=version)"
            case name, [given] if name.startswith("add"):
                return self._added(model, row, given, is_list=is_list)
        return None

    def _rows(self, model: Model, row: type) -> str:
        constant = model.table.name.upper()
        rows = Call.of(self.imports(TRANSACTION, "Rows"), self._class_of(model), self.imports.thing(row))
        self._constants[constant] = rows
        return constant

    def _added(self, model: Model, row: type, given: str, *, is_list: bool) -> str:
        if not is_list and {field.column for field in model.fields} >= VERSIONED:
            return f"{self._rows(model, row)}.add(self._tx, {given})"
        constant = f"ADDED_{model.table.name.upper()}"
        self._constants[constant] = Call.of(self.imports(TRANSACTION, "Appending"), self._class_of(model))
        columns = self.imports(f"{TRANSACTION}.given", "columns")
        if is_list:
            return f"self._tx.append({constant}, [{columns}(row) for row in {given}])"
        return f"self._tx.add({constant}, {columns}({given}))"

    def _class_of(self, model: Model) -> str:
        return self.imports(self._models_file, model.name)
