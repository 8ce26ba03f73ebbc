"""Finds the route of a request and calls it, without the work that FastAPI repeats for each request.

FastAPI declares the routes, validates each parameter and writes the OpenAPI page. Only the code that handles a request
is replaced, and only for the routes where that is possible: see docs/adr/0018.
"""

from crossdock.web.dispatch.dispatch import Dispatch

__all__ = ["Dispatch"]
