"""Where two answers differ, by path."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from crossdock.cutover.exact import in_full

SHOWN_MAX = 20
"""Differences that are kept of one mismatch: the first ones say what is wrong."""
MISSING = "(missing)"
MASK = "***"
SECRETS = ("password", "secret", "token", "hash")


@dataclass(frozen=True, slots=True)
class Difference:
    """`path` leads from the answer to the value, its parts joined by dots."""

    path: str
    control: Any
    candidate: Any

    @property
    def plain(self) -> dict[str, Any]:
        return {"path": self.path, "control": self.control, "candidate": self.candidate}


def differences(control: Any, candidate: Any, is_none: Callable[[Difference], bool]) -> list[Difference]:
    """The first of them, by path, without those that are none."""
    found = (each for each in _walk("", control, candidate) if not is_none(each))
    return list(islice(found, SHOWN_MAX))


def _walk(path: str, control: Any, candidate: Any) -> Iterator[Difference]:
    if type(control) is not type(candidate):
        yield Difference(path, in_full(control), in_full(candidate))
    elif isinstance(control, dict):
        for key in [*control, *(key for key in candidate if key not in control)]:
            yield from _walk(_joined(path, key), control.get(key, MISSING), candidate.get(key, MISSING))
    elif isinstance(control, list):
        for index in range(max(len(control), len(candidate))):
            yield from _walk(_joined(path, str(index)), _at(control, index), _at(candidate, index))
    elif control != candidate:
        yield Difference(path, control, candidate)


def _joined(path: str, part: str) -> str:
    return f"{path}.{part}" if path else part


def _at(values: list[Any], index: int) -> Any:
    return values[index] if index < len(values) else MISSING


def masked(value: Any, secrets: tuple[str, ...] = SECRETS) -> Any:
    """The same with the values of fields that are called like a secret taken out."""
    if isinstance(value, dict):
        return {
            key: MASK if is_secret(key, secrets) and each is not None else masked(each, secrets)
            for key, each in value.items()
        }
    if isinstance(value, list):
        return [masked(each, secrets) for each in value]
    return value


def is_secret(name: str, secrets: tuple[str, ...] = SECRETS) -> bool:
    """Whether a field's name has one of these words in it."""
    return any(word in name.lower() for word in secrets)
