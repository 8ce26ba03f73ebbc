"""The picture: for each endpoint a bar a server, as a share of what bare ASGI on the driver serves. SVG, by hand."""

from collections.abc import Iterator
from html import escape

from benchmarks.contestants import ALL, BARE
from benchmarks.requests import ENDPOINTS
from benchmarks.results import Results, Rounds, rate

WIDTH = 900
LEFT, RIGHT = 210, 90
"""Room for the endpoints' names, and for the figures behind the longest bar."""
BAR, GAP, BETWEEN, TOP, BOTTOM = 15, 3, 20, 104, 34
IN_A_LINE = 3
"""Names of servers."""
TICKS = (0.25, 0.5, 0.75, 1.0)

# Both themes in one file: a page that shows it as an image cannot style it. The background is the page's own.
STYLE = """
text { font: 13px system-ui, sans-serif; fill: #1f2937 }
.title { font-size: 16px; font-weight: 600 }
.quiet { fill: #6b7280; font-size: 12px }
.grid { stroke: #d1d5db; stroke-width: 1 }
.new { fill: #2563eb } .old { fill: #93b4f5 } .fastapi_sqlalchemy { fill: #d97706 }
.fastapi_tortoise { fill: #0d9488 } .bare { fill: #9ca3af }
@media (prefers-color-scheme: dark) {
  text { fill: #e5e7eb } .quiet { fill: #9ca3af } .grid { stroke: #374151 }
  .new { fill: #60a5fa } .old { fill: #2c4f8f } .fastapi_sqlalchemy { fill: #f59e0b }
  .fastapi_tortoise { fill: #2dd4bf } .bare { fill: #6b7280 }
}
"""


def draw(results: Results) -> str:
    """Of the endpoints that bare ASGI was measured on, with the servers that were."""
    rates = {name: results.rates[name] for name in ENDPOINTS if BARE.name in results.rates.get(name, {})}
    servers = [name for name in ALL if any(name in rounds for rounds in rates.values())]
    group = len(servers) * (BAR + GAP) + BETWEEN
    height = TOP + len(rates) * group + BOTTOM
    longest = max((share(rounds, name) for rounds in rates.values() for name in rounds), default=1.0)
    scale = (WIDTH - LEFT - RIGHT) / max(longest, 1.0)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}"'
        ' role="img">',
        "<title>Requests a second, as a share of what bare ASGI on asyncpg serves</title>",
        f"<style>{STYLE}</style>",
        *_head(servers),
        *_grid(height, scale),
        *(line for i, name in enumerate(rates) for line in _group(name, rates[name], servers, TOP + i * group, scale)),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def share(rounds: Rounds, name: str) -> float:
    """Of the rate of bare ASGI: 1.0 is as fast."""
    return rate(rounds[name]) / rate(rounds[BARE.name])


def _head(servers: list[str]) -> Iterator[str]:
    """The title and, below it, which colour is whose."""
    yield _text(0, 20, "Requests a second, as a share of what bare ASGI on asyncpg serves", "title")
    for place, name in enumerate(servers):
        x, y = place % IN_A_LINE * WIDTH / IN_A_LINE, 38 + place // IN_A_LINE * 20
        yield f'<rect class="{name}" x="{x:.0f}" y="{y}" width="12" height="12" rx="2"/>'
        yield _text(x + 18, y + 11, ALL[name].title)


def _grid(height: int, scale: float) -> Iterator[str]:
    for tick in TICKS:
        x = LEFT + tick * scale
        yield f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="{TOP - 12}" y2="{height - BOTTOM + 4}"/>'
        yield _text(x, height - BOTTOM + 20, f"{tick:g}×", "quiet", "middle")


def _group(name: str, rounds: Rounds, servers: list[str], top: int, scale: float) -> Iterator[str]:
    for line, words in enumerate(_in_two_lines(ENDPOINTS[name].title)):
        yield _text(LEFT - 14, top + 13 + 17 * line, words, anchor="end")
    for position, server in enumerate(server for server in servers if server in rounds):
        y, length = top + position * (BAR + GAP), max(2.0, share(rounds, server) * scale)
        yield f'<rect class="{server}" x="{LEFT}" y="{y}" width="{length:.1f}" height="{BAR}" rx="2"/>'
        yield _text(LEFT + length + 6, y + 12, f"{rate(rounds[server]):,.0f}/s", "quiet")


def _in_two_lines(title: str) -> list[str]:
    words, lines = title.split(), [""]
    for word in words:
        if lines[-1] and len(lines[-1]) + len(word) > 24:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
    return lines


def _text(x: float, y: float, words: str, kind: str = "", anchor: str = "start") -> str:
    of_kind = f' class="{kind}"' if kind else ""
    return f'<text{of_kind} x="{x:.1f}" y="{y}" text-anchor="{anchor}">{escape(words)}</text>'
