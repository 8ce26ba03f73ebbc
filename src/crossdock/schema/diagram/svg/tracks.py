"""Where lines run up and down side by side, between two columns of the page, with few crossings."""

from collections.abc import Sequence

from crossdock.schema.diagram.svg.measures import UNIT
from crossdock.schema.diagram.svg.nets import Net
from crossdock.schema.diagram.svg.stacks import Stack

Ends = tuple[list[int], list[int]]


def tracks_of(nets: Sequence[Net], stacks: Sequence[Stack]) -> list[list[Net]]:
    """For each gutter the lines that run in it, from left to right."""
    return [_ordered(gutter, nets, stacks) for gutter in range(len(stacks) + 1)]


def _ordered(gutter: int, nets: Sequence[Net], stacks: Sequence[Stack]) -> list[Net]:
    """Neighbours change places for as long as that saves a crossing."""
    ends = {net: net.ends(gutter, stacks) for net in nets if gutter in net.gutters()}
    order = [*ends]
    for _ in order:  # as often as the one that has the longest way needs
        for place in range(len(order) - 1):
            left, right = order[place : place + 2]
            if _crossings(ends[right], ends[left]) < _crossings(ends[left], ends[right]):
                order[place : place + 2] = [right, left]
    return order


def _crossings(left: Ends, right: Ends) -> int:
    """Of two lines side by side: the right one's ends to the left, and the left one's to the right."""
    return _within(right[0], left) + _within(left[1], right)


def _within(heights: list[int], ends: Ends) -> int:
    """How many of the heights a line meets, or comes close to."""
    both = [*ends[0], *ends[1]]
    return sum(min(both) - UNIT < height < max(both) + UNIT for height in heights)
