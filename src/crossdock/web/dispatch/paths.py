"""Paths by their segments: one look-up for each, however many routes there are."""

from dataclasses import dataclass, field
from typing import Generic, TypeVar

Target = TypeVar("Target")


@dataclass(slots=True)
class Node(Generic[Target]):
    """One segment of a path: the segments that may follow, and the targets of a path that ends here, by method."""

    words: dict[str, "Node[Target]"] = field(default_factory=dict)
    variable: "Node[Target] | None" = None
    targets: dict[str, tuple[Target, tuple[str, ...]]] = field(default_factory=dict)


class Paths(Generic[Target]):
    """Templates like `/v1/orders/{order_id}/send`. A word goes before a variable in the same place."""

    def __init__(self) -> None:
        self._root: Node[Target] = Node()

    def add(self, method: str, template: str, target: Target) -> None:
        """Of two targets for the same path and method the first counts, as in FastAPI."""
        node, names = self._root, []
        for segment in template.split("/"):
            if segment.startswith("{"):
                names.append(segment[1:-1])
                node.variable = node.variable or Node()
                node = node.variable
            else:
                node = node.words.setdefault(segment, Node())
        node.targets.setdefault(method, (target, tuple(names)))

    def find(self, method: str, path: str) -> tuple[Target, dict[str, str]] | None:
        """The target, and the values of the path's variables. None for an unknown path or method."""
        node, values = self._root, []
        for segment in path.split("/"):
            following = node.words.get(segment)
            if following is None:
                following = node.variable
                if following is None or not segment:
                    return None
                values.append(segment)
            node = following
        found = node.targets.get(method)
        if found is None:
            return None
        target, names = found
        return target, dict(zip(names, values, strict=True))
