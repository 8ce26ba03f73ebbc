"""What a new module calls its things: one word for the module, one for a thing of it, and all that is made of these."""

import keyword
import re
from dataclasses import dataclass

from crossdock.errors import Invalid
from crossdock.sql.statement import NotSql, statements

PLAIN = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
NAME_MAX = 30
RESERVED = frozenset({"new", "show", "shared", "crossdock"})
"""Commands, and what is no module."""
IN_TEMPLATES = frozenset(
    (
        *("answer", "body", "caller", "changed", "db", "details", "documents", "etagged", "found", "key", "listed"),
        *("now", "once", "page", "replace", "router", "row", "scope", "service", "tx", "version"),
    )
)
"""What the templates call other things, so that one of the module's cannot be called so."""
SINGULAR = (
    (re.compile(r"(.+)ies"), r"\1y"),
    (re.compile(r"(.+(?:ss|x|z|ch|sh))es"), r"\1"),
    (re.compile(r"(.+[^s])s"), r"\1"),
)


class WrongName(Invalid):
    """A module's name is a noun in the plural, in small letters, with _ between words."""


@dataclass(frozen=True, slots=True)
class Names:
    """`module` is the folder, the tag and the table; `one` a thing of it, as in `loading_docks` and `loading_dock`."""

    module: str
    one: str

    @property
    def table(self) -> str:
        return self.module

    def values(self, package: str) -> dict[str, str]:
        """What the templates call them."""
        thing, many = self.one.replace("_", " "), self.module.replace("_", " ")
        article = "an" if thing[0] in "aeiou" else "a"
        return {
            "package": package,
            "name": self.module,
            "table": self.table,
            "url": self.module.replace("_", "-"),
            "one": self.one,
            "Class": "".join(part.capitalize() for part in self.one.split("_")),
            "CONSTANT": self.table.upper(),
            "thing": thing,
            "many": many,
            "Many": many[:1].upper() + many[1:],
            "a": article,
            "A": article.capitalize(),
        }


def names_of(module: str, one: str | None) -> Names:
    """Raises WrongName. The singular is worked out where it is not given."""
    _check("module", module)
    found = one or singular(module)
    if found is None or found == module:
        raise WrongName(f"What is one of {module}? Say it: --one WORD. By itself only a regular plural is understood.")
    _check("thing", found)
    return Names(module, found)


def singular(plural: str) -> str | None:
    """`depots` → `depot`, `stories` → `story`, `boxes` → `box`; None for a word that is no regular plural."""
    for pattern, replacement in SINGULAR:
        found = pattern.fullmatch(plural)
        if found:
            return found.expand(replacement)
    return None


def _check(what: str, name: str) -> None:
    if not PLAIN.fullmatch(name) or len(name) > NAME_MAX:
        raise WrongName(
            f"{name!r} is no name for a {what}: small letters and digits, words apart by _, at most {NAME_MAX}"
            " characters."
        )
    if name in RESERVED or (what == "thing" and name in IN_TEMPLATES):
        raise WrongName(f"{name} is no name for a {what}: it means something else here.")
    if keyword.iskeyword(name) or (what == "module" and _is_reserved_in_sql(name)):
        raise WrongName(f"{name} is no name for a {what}: it is a word of Python's or of SQL's.")


def _is_reserved_in_sql(name: str) -> bool:
    try:
        return not statements(f"CREATE TABLE {name} ()")
    except NotSql:
        return True
