"""Which lines of an application lead to a statement: those of the libraries in between are left out."""

import sys
import traceback
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from types import FrameType
from typing import NamedTuple

import greenlet

LIBRARIES = frozenset(
    (
        *("crossdock", "tortoise", "pypika_tortoise", "sqlalchemy", "asyncpg", "greenlet"),
        *("fastapi", "starlette", "uvicorn", "anyio"),
        *("asyncio", "contextlib", "functools", "threading", "runpy"),
        *("_pytest", "pluggy", "pytest_asyncio"),
    )
)
"""Packages whose lines say nothing about the application."""
PLACES_MAX = 3
FRAMES_MAX = 200


class Place(NamedTuple):
    """One line of code."""

    file: str
    line: int
    function: str

    def __str__(self) -> str:
        return f"{_short(self.file)}:{self.line} in {self.function}"


Places = tuple[Place, ...]
"""A line, then the line that called it, and so on."""


def here() -> Places:
    """The lines of the application that lead to this call, the innermost first; at most `PLACES_MAX`."""
    ours = filter(_is_of_application, islice(_frames(sys._getframe(1)), FRAMES_MAX))
    return tuple(_place(frame, frame.f_lineno) for frame in islice(ours, PLACES_MAX))


def raised_at(error: BaseException) -> Places:
    """The lines of the application that an error came through."""
    walked = [*traceback.walk_tb(error.__traceback__)]
    ours = ((frame, line) for frame, line in reversed(walked) if _is_of_application(frame))
    return tuple(_place(frame, line) for frame, line in islice(ours, PLACES_MAX))


def written(places: Places) -> str:
    """For a message."""
    return ", called from ".join(map(str, places)) or "a line of Crossdock's own"


def _frames(frame: FrameType | None) -> Iterator[FrameType]:
    """From the inside out. SQLAlchemy runs its part in a greenlet, whose frames end where its parent's begin."""
    current: greenlet.greenlet | None = greenlet.getcurrent()
    while current is not None:
        while frame is not None:
            yield frame
            frame = frame.f_back
        current = current.parent
        frame = current.gr_frame if current is not None else None


def _is_of_application(frame: FrameType) -> bool:
    name: str = frame.f_globals.get("__name__", "")
    return name.partition(".")[0] not in LIBRARIES


def _place(frame: FrameType, line: int) -> Place:
    return Place(frame.f_code.co_filename, line, frame.f_code.co_name)


def _short(file: str) -> str:
    """From the folder that the process runs in, where it is below it."""
    path = Path(file)
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else file
