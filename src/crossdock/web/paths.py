"""The paths of routers, before there is an app."""

from collections.abc import Iterable, Iterator

from fastapi import APIRouter
from fastapi.routing import iter_route_contexts


def paths_of(routers: Iterable[APIRouter]) -> Iterator[str]:
    """As the OpenAPI document has them."""
    for router in routers:
        yield from (str(route.path_format) for route in iter_route_contexts(router.routes))
