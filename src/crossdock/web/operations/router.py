"""The routes of the moves. They only look: steps are taken by `crossdock move`."""

from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path
from starlette.responses import Response

from crossdock.cutover.overview import mismatch_page, progress_of_all
from crossdock.documents import collection
from crossdock.errors import NotFound
from crossdock.tenancy import Scope
from crossdock.web.dependencies import Db, PageQuery
from crossdock.web.operations.schemas import MismatchOut, MismatchPage, MoveList
from crossdock.web.responses import answer, listed

TAG = "operations"
TAGS = {TAG: "For the operators of the service: its modules, and their moves from one ORM to the other."}

FindScope = Callable[..., Awaitable[Any]]
"""A dependency of FastAPI's that finds the scope in which an operator looks, which has to be one that may read the
library's own tables, as `Platform` may. It raises for everybody who is no operator."""
ModuleName = Annotated[str, Path(max_length=100, description="As its manifest calls it.")]


def operations_router(find_scope: FindScope, prefix: str = "/v1/operations") -> APIRouter:
    """The routes, for whom `find_scope` lets through."""
    router = APIRouter(prefix=prefix, tags=[TAG])
    operator = Depends(find_scope)

    @router.get("/moves", summary="List the modules and their moves", response_model=MoveList)
    async def list_moves(db: Db, scope: Annotated[Scope, operator]) -> Response:
        """Where each module is on its path, what was compared at this stage, and what is in the way of its next step.

        All modules are on one page. The steps themselves are taken by the command `crossdock move`.
        """
        async with db.reading(scope) as unit:
            found = await progress_of_all(unit, db.registry, db.settings.moves)
        return answer(MoveList.of(db.registry, found))

    @router.get("/moves/{module}/mismatches", summary="List the mismatches of a module", response_model=MismatchPage)
    async def list_mismatches(
        module: ModuleName, db: Db, scope: Annotated[Scope, operator], page: PageQuery
    ) -> Response:
        """Calls that the two stores of a module answered differently, newest first, with secrets masked."""
        async with db.reading(scope) as unit:
            if module not in db.registry.modules:
                raise NotFound(f"There is no module {module}: there are {', '.join(db.registry.modules)}.")
            found, next_cursor = await mismatch_page(unit, db.registry, module, page)
        return listed(collection([MismatchOut.model_validate(each) for each in found], next_cursor))

    return router
