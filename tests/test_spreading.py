"""The order of the tests where several processes run them."""

from itertools import chain
from types import SimpleNamespace

import pytest
from xdist.scheduler import WorkStealingScheduling

from tests.spreading import dealt


class Worker:
    """What xdist's scheduler gives tests to."""

    shutting_down = False
    gateway = SimpleNamespace(id="a process")

    def __init__(self) -> None:
        self.given: list[int] = []

    def send_runtest_some(self, indices: list[int]) -> None:
        self.given += indices


class Config:
    """Of three processes."""

    def getvalue(self, name: str) -> list[str]:
        return {"tx": ["popen"] * 3}[name]


def pieces(order: list[str]) -> list[list[str]]:
    """What xdist gives to each of three processes at first."""
    workers = [Worker() for _ in range(3)]
    scheduling = WorkStealingScheduling(Config())  # type: ignore[arg-type]
    for worker in workers:
        scheduling.add_node(worker)  # type: ignore[arg-type]
        scheduling.add_node_collection(worker, order)  # type: ignore[arg-type]
    scheduling.schedule()
    return [[order[index] for index in worker.given] for worker in workers]


LONG = [["a1", "a2"], ["b1"], ["c1", "c2", "c3"], ["d1"]]


@pytest.mark.parametrize("others", [7, 8, 9])
def test_each_process_begins_with_long_ones(others: int) -> None:
    """The first files are at the beginnings of what xdist gives out, each in one piece, and nothing is lost."""
    short = [f"{number}" for number in range(others)]
    given = pieces(dealt(LONG, short, 3))
    assert [piece[: len(file)] for piece, file in zip(given, LONG, strict=False)] == LONG[:3]
    assert given[0][2] == "d1"
    assert sorted(chain(*given)) == sorted([*chain(*LONG), *short])


def test_a_file_that_is_longer_than_a_piece_goes_on_in_others() -> None:
    """Where little else is run."""
    given = pieces(dealt(LONG, [], 3))
    assert [len(piece) for piece in given] == [2, 2, 3]
    assert sorted(chain(*given)) == sorted(chain(*LONG))
