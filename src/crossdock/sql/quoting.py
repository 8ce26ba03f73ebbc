"""Identifiers, as they are written in a statement."""

import re

PLAIN = re.compile(r"[a-z_][a-z0-9_]*")


def quoted(identifier: str) -> str:
    """In quotes always: right for every name, a reserved word too."""
    return '"' + identifier.replace('"', '""') + '"'


def readable(identifier: str) -> str:
    """In quotes only where it needs them, for SQL that a person reads and that names no reserved word."""
    return identifier if PLAIN.fullmatch(identifier) else quoted(identifier)
