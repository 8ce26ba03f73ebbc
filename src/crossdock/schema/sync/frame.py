"""The frame of a store: what is plain is done, each other method has its body on the other ORM beside it.

Its documents are in a file of their own, as those of every module are.
"""

import ast
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from string import Template

from crossdock.documents.catalogue import FILE
from crossdock.registry import Module, Orm, Registry
from crossdock.registry.registry import STORE_PREFIX, is_there
from crossdock.schema.sync.asked import NotPlain
from crossdock.schema.sync.back import BodiesBack
from crossdock.schema.sync.contract import READS, STORE, Method, methods_of
from crossdock.schema.sync.description import Model
from crossdock.schema.sync.documented import DocumentsWriter, is_document
from crossdock.schema.sync.plain import TRANSACTION, PlainBodies, Tables
from crossdock.schema.sync.python import INDENT, WIDTH, Imports

UNTRANSLATED = Template((files(__package__) / "templates" / "untranslated.txt").read_text(encoding="utf-8").strip())
TITLES = {Orm.SQLALCHEMY: "SQLAlchemy", Orm.TORTOISE: "Tortoise"}


@dataclass(frozen=True, slots=True)
class Frame:
    """What was written: the store, and its documents where it has some. `untranslated` are the methods without a body,
    with the reason where one is known; `open` are the fields of documents to be filled. `to_add` is the text of the
    documents where the module has a file of them already, which stays as it is."""

    store: Path | None = None
    documents: Path | None = None
    untranslated: dict[str, str] = field(default_factory=dict)
    open: tuple[str, ...] = ()
    to_add: str = ""


def write_frame(  # noqa: PLR0917
    registry: Registry, module: Module, to: Orm, models: Sequence[Model], models_file: str, sources: Sequence[Path]
) -> Frame:
    """Writes nothing where there is such a store already, or no contract. `models_file` is the dotted name of the
    models, `sources` are the folders of the own packages."""
    package = registry.package_of(module)
    if module.store is None or is_there(f"{package}.store_{to.value}"):
        return Frame()
    spec = find_spec(package)
    assert spec is not None
    folder = Path((spec.submodule_search_locations or [])[0])
    store, documents = folder / f"store_{to.value}.py", folder / f"{FILE}.py"
    there = documents.read_text(encoding="utf-8") if documents.is_file() else ""
    writer = FrameWriter(registry, module, to, models, models_file, _names(there))
    store.write_text(writer.written(sources), encoding="utf-8")
    text = writer.documents.text(sources)
    if text and not there:
        documents.write_text(f"{writer.documents.title}\n\n{text}", encoding="utf-8")
    to_add = text if there else ""
    return Frame(store, documents if text else None, writer.untranslated, tuple(writer.documents.open), to_add)


def _names(text: str) -> set[str]:
    """Of the documents in a file."""
    assigned = [each for each in ast.parse(text).body if isinstance(each, ast.Assign)]
    return {target.id for each in assigned for target in each.targets if isinstance(target, ast.Name)}


class FrameWriter:
    """`untranslated` are the methods that it could not write, with the reason where one is known."""

    def __init__(  # noqa: PLR0917
        self, registry: Registry, module: Module, to: Orm, models: Sequence[Model], models_file: str, there: set[str]
    ) -> None:
        self._to = to
        self._methods = methods_of(registry, module, to.other)
        self._name = f"{STORE_PREFIX[to]}{(module.store or '').removesuffix(STORE)}"
        self._module = module
        self.untranslated: dict[str, str] = {}
        self.imports = Imports()
        tables = Tables(models, models_file)
        self._plain, self._back = PlainBodies(tables, self.imports), BodiesBack(tables, self.imports)
        self.documents = DocumentsWriter(registry.package_of(module), module.name, tables, there)

    def written(self, sources: Sequence[Path]) -> str:
        """The whole file."""
        reads, commands = [list(self._class(is_read)) for is_read in (True, False)]
        constants = [line for text in self._plain.constants.values() for line in text]
        blocks = ["\n".join(block) for block in (reads, commands, *self._plain.functions.values()) if block]
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
        reason = ""
        try:
            with self.imports.all_or_none(), self.documents.imports.all_or_none():
                body = self._body(method)
        except NotPlain as error:
            body, reason = None, str(error)
        if body is not None:
            yield from (f"{INDENT * 2}{line}" for line in body)
            return
        self.untranslated[method.name] = reason
        yield from (f"{INDENT * 2}# {line}".rstrip() for line in method.body)
        yield f"{INDENT * 2}{UNTRANSLATED.substitute(method=method.name, file=f'store_{self._to.other.value}.py')}"

    def _body(self, method: Method) -> list[str] | None:
        """None, or NotPlain with the reason, where it is to be translated."""
        if not is_document(method):
            return (self._back if self._to is Orm.TORTOISE else self._plain).body(method)
        body = self.documents.as_it_is(method, self.imports)
        return body if body or self._to is Orm.TORTOISE else self.documents.body(method, self.imports)
