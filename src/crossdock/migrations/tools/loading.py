"""The module of a revision's file, as the file is now."""

from functools import lru_cache
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_file_location
from types import CodeType, ModuleType

from crossdock.migrations.revision import BrokenChain, Direction, Revision

FILES_MAX = 1_024
"""How many files' code is kept, some 10 KB each: each is run for both of its directions."""


class _Source(SourceFileLoader):
    """Runs what is in the file now. Python takes compiled code for a file's when size and second of its last change are
    the same, so that a plan could tell what the file said before an edit."""

    def get_code(self, fullname: str) -> CodeType:
        path = self.get_filename(fullname)
        return _compiled(self.get_data(path), path)


@lru_cache(maxsize=FILES_MAX)
def _compiled(data: bytes, path: str) -> CodeType:
    """Compiled once for each content, and each path for the lines of tracebacks."""
    code: CodeType = SourceFileLoader("", path).source_to_code(data, path)
    return code


def load(revision: Revision) -> ModuleType:
    """The module of a file. Raises BrokenChain when it cannot be imported or lacks a direction."""
    loader = _Source(revision.path.stem, str(revision.path))
    spec = spec_from_file_location(revision.path.stem, revision.path, loader=loader)
    assert spec is not None
    module = module_from_spec(spec)
    try:
        loader.exec_module(module)
    except Exception as error:
        raise BrokenChain(f"{revision.path.name} cannot be imported: {error}.") from None
    for direction in Direction:
        if not hasattr(module, verb(direction)):
            raise BrokenChain(f"{revision.path.name} has no {verb(direction)}().")
    return module


def verb(direction: Direction) -> str:
    return "upgrade" if direction is Direction.UP else "downgrade"
