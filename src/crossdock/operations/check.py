"""The result of one check of `crossdock doctor`."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Check:
    """`message` is what was found, `advice` what to do about it; empty where nothing is to be done."""

    name: str
    state: State
    message: str
    advice: str = ""


def ok(name: str, message: str) -> Check:
    return Check(name, State.OK, message)


def warning(name: str, message: str, advice: str) -> Check:
    return Check(name, State.WARNING, message, advice)


def failed(name: str, message: str, advice: str = "") -> Check:
    return Check(name, State.FAILED, message, advice)


def skipped(name: str, why: str) -> Check:
    return Check(name, State.SKIPPED, why)
