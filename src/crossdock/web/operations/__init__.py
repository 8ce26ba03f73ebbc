"""What the operators of a service see over HTTP: the modules, where each is on its way to the other ORM."""

from crossdock.web.operations.router import TAGS, FindScope, operations_router

__all__ = ["TAGS", "FindScope", "operations_router"]
