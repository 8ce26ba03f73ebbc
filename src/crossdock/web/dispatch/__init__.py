"""From a request to its route and back, without what FastAPI does anew for each one.

FastAPI stays what declares the routes, validates each parameter and writes the OpenAPI page. Only its way through a
request is replaced, for the routes that can be: see docs/adr/0018.
"""

from crossdock.web.dispatch.dispatch import Dispatch

__all__ = ["Dispatch"]
