"""What a revision of the library's own chain knows of the application that it runs for."""

from typing import Any

from crossdock.application import Application
from crossdock.sql.statement import statements as parsed

KEY = "crossdock_application"
"""The option of alembic's context."""


def application(op: Any) -> Application:
    """The application whose tables are made."""
    found = op.get_context().opts[KEY]
    assert isinstance(found, Application)
    return found


def statements(sql: str) -> list[str]:
    """Each by itself: the driver takes one at a time."""
    return [statement.text for statement in parsed(sql)]
