"""The service: `uvicorn library.app:app`, or `crossdock serve`."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from crossdock import Database, Registry, load_settings
from crossdock.web import install_errors
from library.catalogue.routes import router as catalogue
from library.lending.routes import router as lending


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    registry = Registry.found()
    async with Database(load_settings(registry), registry) as database:
        app.state.database = database
        yield


app = FastAPI(title="Library", lifespan=lifespan)
app.include_router(catalogue)
app.include_router(lending)
install_errors(app)  # a Conflict is a 409, and so on
