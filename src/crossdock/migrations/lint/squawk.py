"""squawk's opinion of each statement: one process for all revisions, two where some stand alone."""

import asyncio
import json
import shutil
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from crossdock.errors import ConfigurationError
from crossdock.migrations.lint.reading import Reading
from crossdock.migrations.lint.squawk_rules import ADOPTED, EXCLUDED

PG_VERSION = "15"
"""The oldest server that we run on: a newer one takes no stronger locks."""

TIMEOUT_S = 60

Opinions = dict[tuple[str, int], set[str]]
"""A revision's key and the number of a statement → the rules of squawk that it breaks."""


class NoSquawk(ConfigurationError):
    """The lint needs squawk, which is not installed: pip install 'crossdock[lint]'."""


async def opinions(readings: Sequence[Reading]) -> Opinions:
    """Of the statements of each `up`. Raises NoSquawk."""
    found: Opinions = {}
    for is_alone in (False, True):
        group = [each for each in readings if each.revision.stands_alone is is_alone and each.up.placed]
        for key, number, rule in await _judge(group, in_transaction=not is_alone) if group else ():
            found.setdefault((key, number), set()).add(rule)
    return found


async def _judge(group: Sequence[Reading], *, in_transaction: bool) -> Iterable[tuple[str, int, str]]:
    with TemporaryDirectory() as name:
        folder = Path(name)
        lines = [_write(folder / f"{number}.sql", reading) for number, reading in enumerate(group)]
        findings = await _run(folder, [f"{number}.sql" for number in range(len(group))], in_transaction=in_transaction)
    return [_located(group, lines, each) for each in findings if each["rule_name"] in {*ADOPTED, "syntax-error"}]


def _write(path: Path, reading: Reading) -> list[int]:
    """One statement after the other; on which line each begins. A comment silences nothing here: SAFE does."""
    begins, texts, line = list[int](), list[str](), 0
    for placed in reading.up.placed:
        text = placed.statement.text.replace("squawk-ignore", "squawk ignore") + "\n;\n"
        begins.append(line)
        texts.append(text)
        line += text.count("\n")
    path.write_text("".join(texts), encoding="utf-8")
    return begins


def _located(group: Sequence[Reading], lines: Sequence[list[int]], finding: dict[str, Any]) -> tuple[str, int, str]:
    number = int(Path(finding["file"]).stem)
    statement = sum(1 for begins in lines[number] if begins <= finding["line"])
    return group[number].revision.key, statement, finding["rule_name"]


async def _run(folder: Path, files: Sequence[str], *, in_transaction: bool) -> list[dict[str, Any]]:
    included = ",".join(sorted(ADOPTED))
    options = ["--reporter", "json", "--pg-version", PG_VERSION, "--include", included]
    options += ["--exclude", ",".join(sorted(EXCLUDED))]
    if in_transaction:
        options.append("--assume-in-transaction")
    process = await asyncio.create_subprocess_exec(
        program(), *options, *files, cwd=folder, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    try:
        async with asyncio.timeout(TIMEOUT_S):
            output, errors = await process.communicate()
    except TimeoutError:
        process.kill()
        raise ConfigurationError(f"squawk did not answer within {TIMEOUT_S} s.") from None
    try:
        found: list[dict[str, Any]] = json.loads(output)
    except ValueError:
        raise ConfigurationError(f"squawk does not answer: {errors.decode(errors='replace')[:300]}") from None
    return found


def program() -> str:
    """Beside this Python, or wherever there is one. Raises NoSquawk."""
    beside = Path(sys.executable).with_name("squawk")
    found = str(beside) if beside.exists() else shutil.which("squawk")
    if found is None:
        raise NoSquawk
    return found
