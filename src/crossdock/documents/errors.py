"""What stops the service before it serves a wrong document."""

from crossdock.errors import ProgrammingError


class CannotCompile(ProgrammingError):
    """A document cannot be made as it is declared."""

    def __init__(self, where: str, why: str) -> None:
        super().__init__(f"{where}: {why}.")
