"""The manifest of a module, and the modules that are found through theirs."""

from crossdock.kernel.registry.manifest import Job, Lane, Module, Orm
from crossdock.kernel.registry.registry import KERNEL, Registry

__all__ = ["KERNEL", "Job", "Lane", "Module", "Orm", "Registry"]
