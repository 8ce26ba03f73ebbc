"""The REVOKE and the GRANT between the rights that are there and those that are wanted.

What is too much goes before anything is given, and what is right is not touched: there is traffic meanwhile.
"""

import re
from collections.abc import Iterable

RIGHT = re.compile(r"(?P<right>[A-Z ]+?)(?: \((?P<columns>.+?)\))?(?P<option> WITH GRANT OPTION)?(?:, |$)")
OPTION_FOR = "GRANT OPTION FOR "

Right = tuple[str, str]
"""A privilege and its column, which is empty for the whole table."""


def rights(said: str) -> set[Right]:
    """Of `SELECT, UPDATE (status, version) WITH GRANT OPTION`. The right to give a right on is one of its own."""
    found: set[Right] = set()
    for each in RIGHT.finditer(said):
        for column in (each["columns"] or "").split(", "):
            found.add((each["right"], column))
            if each["option"]:
                found.add((OPTION_FOR + each["right"], column))
    return found


def change(on: str, role: str, wanted: set[Right], there: set[Right]) -> str:
    """`on` and `role` as SQL has them."""
    surplus, missing = there - wanted, wanted - there
    options = {right for right in surplus if right[0].startswith(OPTION_FOR)}
    steps = []
    if surplus - options:
        cascade = " CASCADE" if options else ""  # what the role gave on goes with it
        steps.append(f"REVOKE {_listed(surplus - options)} ON {on} FROM {role}{cascade};")
    kept = {(right, column) for right, column in options if (right.removeprefix(OPTION_FOR), column) in wanted}
    steps += [f"REVOKE {_listed([right])} ON {on} FROM {role} CASCADE;" for right in sorted(kept)]
    if missing:
        steps.append(f"GRANT {_listed(missing)} ON {on} TO {role};")
    return " ".join(steps)


def _listed(found: Iterable[Right]) -> str:
    """As GRANT takes them: the columns of one privilege together."""
    columns: dict[str, list[str]] = {}
    for right, column in sorted(found):
        columns.setdefault(right, []).extend([column] if column else [])
        if not column:
            columns[right] = []  # the whole table: sorted before any column of it
    return ", ".join(f"{right} ({', '.join(names)})" if names else right for right, names in columns.items())
