"""What this release can do for a module at its stage: its code may be older than the row, or newer.

Whatever it does is right, for both stores work on the same tables. But an operator wants to know why.
"""

from collections.abc import Iterator

from crossdock.registry import Module, Orm, Registry
from crossdock.stages import ModuleState, Stage


def missing(registry: Registry, module: Module) -> list[Orm]:
    """The ORMs that this release has no store of the module on."""
    return [orm for orm in Orm if not registry.has_store(module, orm)]


def remarks(registry: Registry, state: ModuleState) -> Iterator[str]:
    """A sentence for each way in which the code and the row do not fit together."""
    module = registry.modules[state.module]
    if state.stage is Stage.HANDED_OVER and module.orm is state.control:
        yield (
            f"This release is older than the hand-over: its manifest says Orm.{module.orm.name}, which answers."
            f" Deploy the newer one again, or begin anew with `crossdock move start {module.name}`."
        )
    if state.candidate is None:
        return
    if absent := missing(registry, module):
        yield (
            f"This release has no store_{absent[0]}.py of {module.name},"
            f" so it answers with {module.orm} as its manifest says, whatever the stage."
        )
    if module.orm is state.candidate and not state.is_at_candidate:
        yield (
            f"The manifest says Orm.{module.orm.name} already, and the stage is an earlier one,"
            f" as in a database that was restored: {_remedy(module, absent)}"
        )


def _remedy(module: Module, absent: list[Orm]) -> str:
    if absent:
        return f"`crossdock move finish {module.name}` ends the move."
    return f"the stage decides who answers. Take the steps again with `crossdock move advance {module.name}`."
