"""The stages of a move from one ORM to the other."""

from enum import StrEnum


class Stage(StrEnum):
    """How far a module has come on its path. The path begins and ends with the name of an ORM: that one answers.

    The control is the ORM that the path begins with, the candidate the other one.
    """

    TORTOISE = "tortoise"
    SHADOW = "shadow"
    """The control answers. The candidate repeats a sample of the reads, and the answers are compared."""
    REHEARSE = "rehearse"
    """As before; and the candidate does a sample of the writes first, in a savepoint that is undone."""
    RAMP = "ramp"
    """The candidate answers for a share of the scopes."""
    SQLALCHEMY = "sqlalchemy"
    HANDED_OVER = "handed_over"
    """The tables belong to the candidate's migration tool. The manifest says so, and no stage is asked any more."""
