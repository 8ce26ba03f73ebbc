"""The page in the docs, made from the results alone: circumstances, a table for each question, and the picture."""

from collections.abc import Sequence
from pathlib import Path
from textwrap import fill

from benchmarks.picture import draw
from benchmarks.requests import ENDPOINTS
from benchmarks.results import Circumstances, Results
from benchmarks.tables import Table, tables

DOCS = Path(__file__).parents[1] / "docs"
PAGE, PICTURE = DOCS / "benchmarks.md", DOCS / "benchmarks.svg"
PAGE_WIDTH = 120

OPENING = """\
# Benchmarks

How fast the service is, beside three servers that do less: the same six endpoints over the same tables, with the same
JSON (a run begins by comparing it), by FastAPI with SQLAlchemy's ORM as their docs show it, by FastAPI with Tortoise
as theirs do, and by bare ASGI on asyncpg, with SQL by hand and no framework, which is the limit. None of the three
signs anybody in, keeps tenants apart, checks a rule, writes a history or an event, counts or logs.

This page is made by `make bench`: do not edit it. `QUICK=1 make bench` takes four minutes and writes nothing;
`python -m benchmarks --only one,page --rounds 2 --seconds 3` measures a part, and `python -m benchmarks layers` where a
read's time goes in the worker: the driver, the unit of work, the service.
"""

HOW = """\
## How it is measured

- The world: {bookings:,} bookings of ten shippers, three bids for each by ten carriers, 2,000 people, 800 of them
  signed in; money held and paid for every deal. On the embedded PostgreSQL, with every guarantee on: `fsync`,
  `synchronous_commit`, full page writes.
- The endpoints: {endpoints}.
- The load: wrk, one thread, 32 connections, random requests over the whole world from all who are signed in, the same
  ones for every server. One answer that is no success fails the run.
- The servers: uvicorn with uvloop and httptools, one worker, no access log; at most 20 connections to PostgreSQL in a
  pool. Crossdock has two such pools, for its two ORMs, and writes its one line of log for each request.
- {rounds} rounds of {seconds:g} s, each turn after a second of warm-up, after a first round that does not count. In a
  round every server has its turn, in an order that changes; a ratio is that of one round. All of them run on one copy
  of the world; but each has its own for the award, which works once for a booking.
- Load generator, server and PostgreSQL share the processors of one machine. Absolute figures are this machine's;
  ratios move less.
- A ledger transfer comes from outside, so that all of them lock one account in turn, whoever serves them.
"""


def write(results: Results) -> None:
    """The page and the picture."""
    PAGE.write_text(page(results))
    PICTURE.write_text(draw(results))


def page(results: Results) -> str:
    found = results.circumstances
    parts = [OPENING]
    if results.rates:
        parts.append("![Requests a second, as a share of what bare ASGI on asyncpg serves](benchmarks.svg)\n")
    parts += [_section(table) for table in tables(results)]
    parts.append(
        HOW.format(endpoints=_endpoints(), bookings=found.bookings, rounds=found.rounds, seconds=found.seconds)
    )
    parts.append(_where(found))
    return "\n".join(parts)


def _endpoints() -> str:
    told = [f"*{each.heading}*: {each.title}" for each in ENDPOINTS.values()]
    return fill("; ".join(told), PAGE_WIDTH, initial_indent=" " * 17, subsequent_indent="  ").strip()


def _section(table: Table) -> str:
    lines = [f"## {table.title}", "", fill(table.note, PAGE_WIDTH), ""]
    lines += [_row(table.columns), _row(["---", *["---:"] * (len(table.columns) - 1)])]
    return "\n".join([*lines, *map(_row, table.rows), ""])


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _where(found: Circumstances) -> str:
    """The date, the machine, the versions, the command."""
    versions = ", ".join(f"{name} {version}" for name, version in found.versions.items())
    machine = "; ".join(found.machine.values())
    told = f"{found.measured_at:%Y-%m-%d %H:%M} UTC, on {machine}. {versions}. The command was `{found.command}`."
    return f"## Where and when\n\n{fill(told, PAGE_WIDTH, break_on_hyphens=False)}\n"
