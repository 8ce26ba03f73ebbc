"""Structured logs: for people on a terminal, as JSON for machines, and never a secret."""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

from crossdock.kernel.config import LogSettings

SECRET_NAMES = ("password", "secret", "token", "authorization", "dsn", "url")


def configure(settings: LogSettings) -> None:
    """Once, at the entry point."""
    console = settings.format == "console"
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="%H:%M:%S" if console else "iso", utc=not console),
            hide_secrets,
            *(
                # The plain traceback: the pretty one prints local variables, passwords among them.
                [
                    structlog.dev.ConsoleRenderer(
                        colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback
                    )
                ]
                if console
                else [structlog.processors.format_exc_info, structlog.processors.JSONRenderer()]
            ),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, settings.level.upper())),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


def hide_secrets(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """A value whose name says that it is secret is not printed, whoever logged it."""
    for name in event:
        if any(word in name.lower() for word in SECRET_NAMES):
            event[name] = "(hidden)"
    return event
