"""The marketplace as the library knows it, and applications of other modules."""

from pathlib import Path

from crossdock.application import Application

FREIGHT = Application.read(Path(__file__).parents[1] / "pyproject.toml")


def at(root: Path) -> Application:
    """The marketplace with the chains of another folder."""
    return FREIGHT.model_copy(update={"root": root})


def application(modules: str) -> Application:
    """The marketplace with the modules of another package."""
    return FREIGHT.model_copy(update={"modules": modules})
