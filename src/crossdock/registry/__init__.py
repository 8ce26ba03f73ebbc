"""The manifest of a module, and the modules that are found through theirs.

To find a manifest loads neither ORM.
"""

from crossdock.registry.loading import load_settings
from crossdock.registry.manifest import Job, Lane, Module, Orm
from crossdock.registry.registry import SHARED, Registry

__all__ = ["SHARED", "Job", "Lane", "Module", "Orm", "Registry", "load_settings"]
