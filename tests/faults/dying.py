"""Apps for workers that do not live long."""

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI


def dies() -> FastAPI:
    """As a process does that the operating system kills."""
    os._exit(9)


def cannot_start() -> FastAPI:
    """As where its surroundings are wrong."""

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        raise RuntimeError("nothing is here")
        yield

    return FastAPI(lifespan=lifespan)
