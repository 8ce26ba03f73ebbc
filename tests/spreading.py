"""The order of the tests where several processes run them: the long ones first, so that none of them ends alone.

xdist's `worksteal` cuts the list into one piece for each process, and whoever is done takes from the end of another's.
So the files of tests/faults are dealt to the beginnings of the pieces, those with `longest` before the others. A file
stays in one piece: its tests share what they have set up.
"""

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import TypeVar

import pytest

Each = TypeVar("Each")


def spread(items: list[pytest.Item], processes: int) -> list[pytest.Item]:
    """All of them, in the same order in every process."""
    files = [list(group) for _, group in groupby(items, key=lambda item: item.path)]
    long = [file for file in files if file[0].path.parent.name == "faults"]
    long.sort(key=lambda file: file[0].get_closest_marker("longest") is None)
    return dealt(long, [item for file in files if file not in long for item in file], processes)


def dealt(long: Sequence[Iterable[Each]], others: list[Each], processes: int) -> list[Each]:
    """The files of `long` at the beginnings of as many pieces as there are processes, `others` after them."""
    hands = [[item for file in long[number::processes] for item in file] for number in range(processes)]
    left = sum(map(len, hands)) + len(others)
    sizes = [(left + number) // processes for number in range(processes)]  # as xdist cuts it: the larger ones last
    others = [item for hand, size in zip(hands, sizes, strict=True) for item in hand[size:]] + others
    order: list[Each] = []
    for hand, size in zip(hands, sizes, strict=True):
        missing = max(size - len(hand), 0)
        order += hand[:size] + others[:missing]
        others = others[missing:]
    return order
