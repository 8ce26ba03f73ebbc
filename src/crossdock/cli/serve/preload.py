"""The imports that every worker needs, made once in the process from which the workers are forked.

A worker that imports everything by itself needs a second of processor time and more until it serves. Where all workers
have died at once, nobody would be answered for so long.
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
# A worker's garbage collection does not look through what is frozen, so the workers go on sharing that memory.
gc.freeze()
