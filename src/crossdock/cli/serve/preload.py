"""What every worker has in common: imported once, in the process that the workers are forked from.

A worker that has to import all of it for itself takes a second of a processor and more until it serves. Where all have
died at once, nobody is answered for so long.
"""

import gc

from crossdock.cli import main
from crossdock.cli.serve import worker
from crossdock.documents.catalogue import compile_all
from crossdock.registry import Registry

__all__ = ["main", "worker"]

registry = Registry.found()
registry.routers()
compile_all(registry)
gc.collect()
gc.freeze()  # a worker's collections do not look through it, and so do not copy it
