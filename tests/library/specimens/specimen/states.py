"""The enumerations of the specimens."""

from enum import IntEnum, StrEnum


class State(StrEnum):
    AT_REST = "at_rest"
    MOVING = "moving"


class Level(IntEnum):
    LOW = 1
    HIGH = 3
