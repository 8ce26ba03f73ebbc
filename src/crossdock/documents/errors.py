"""The errors of a document that cannot be compiled. They stop the service at its start, before a wrong answer."""

from crossdock.errors import ProgrammingError


class CannotCompile(ProgrammingError):
    """A document cannot be made as it is declared."""

    def __init__(self, where: str, why: str) -> None:
        super().__init__(f"{where}: {why}.")
