"""For a service on FastAPI: needs the extra `[web]`. Public names are imported at their first use."""

from typing import TYPE_CHECKING

from crossdock.lazy import lazily

if TYPE_CHECKING:
    from crossdock.web.about import About
    from crossdock.web.app import create_app
    from crossdock.web.dependencies import IdempotencyKey
    from crossdock.web.errors import install_errors
    from crossdock.web.operations.router import operations_router
    from crossdock.web.responses import answer, found, listed, no_content, once

__all__ = [
    "About",
    "IdempotencyKey",
    "answer",
    "create_app",
    "found",
    "install_errors",
    "listed",
    "no_content",
    "once",
    "operations_router",
]

_PLACES = {
    "about": "About",
    "app": "create_app",
    "dependencies": "IdempotencyKey",
    "errors": "install_errors",
    "operations.router": "operations_router",
    "responses": "answer found listed no_content once",
}

if not TYPE_CHECKING:  # a type checker would take every name for one
    __getattr__ = lazily(__name__, _PLACES)
