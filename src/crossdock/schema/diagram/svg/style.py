"""How a picture looks: colours for a light and a dark page, a hue for each module."""

from collections.abc import Iterable

HUES = (
    ("#2563eb", "#8ab4f8"),
    ("#b45309", "#f0b45c"),
    ("#0f766e", "#5eead4"),
    ("#be185d", "#f9a8d4"),
    ("#6d28d9", "#c4b5fd"),
    ("#4d7c0f", "#bef264"),
    ("#b91c1c", "#fca5a5"),
    ("#0e7490", "#67e8f9"),
)
"""On a light page, and on a dark one. The ninth module has the first hue again."""

LIGHT = """
text { font: 12px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; fill: #1f2937 }
.title { font: 600 18px system-ui, sans-serif }
.words { font: 12px system-ui, sans-serif }
.quiet { fill: #6b7280 }
.strong { font-weight: 600 }
.module { font: 600 15px system-ui, sans-serif; fill: currentColor }
.page { fill: #ffffff }
.frame { fill: currentColor; fill-opacity: .05; stroke: currentColor; stroke-opacity: .45 }
.box { fill: #ffffff; stroke: currentColor }
.head { fill: currentColor; fill-opacity: .14 }
.line { fill: none; stroke: currentColor; stroke-width: 1.4 }
.optional { stroke-dasharray: 4 3 }
.dot { fill: currentColor }
"""
DARK = """
text { fill: #e5e7eb } .quiet { fill: #9ca3af } .page, .box { fill: #0d1117 }
"""


def style_of(modules: Iterable[int]) -> str:
    """The style sheet of a picture with the modules of these numbers."""
    used = sorted({number % len(HUES) for number in modules})
    light, dark = (_hues(used, side) for side in (0, 1))
    return f"{LIGHT}{light}\n@media (prefers-color-scheme: dark) {{{DARK}{dark}\n}}\n"


def hue(number: int) -> str:
    """The class of a module's colour."""
    return f"hue{number % len(HUES)}"


def _hues(used: Iterable[int], side: int) -> str:
    return " ".join(f".{hue(number)} {{ color: {HUES[number][side]} }}" for number in used)
