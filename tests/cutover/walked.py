"""A page whose commands are run as they stand there, and whose changes of files are made: on a copy of the project."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.migrations.project import Project

BLOCK = re.compile(r"^```(?P<language>sh|text|diff)\n(?P<body>.*?)^```$\n*", re.MULTILINE | re.DOTALL)
LOGGED = re.compile(r"^\d\d:\d\d:\d\d \[.*\n?", re.MULTILINE)
"""A line of the log: it is on stderr, and a page does not show it."""
VARYING = {
    r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(\+00:00)?": "TIME",
    r"\b[0-9a-f]{8}-[0-9a-f-]{27}\b": "ID",
    r"\b\d+_\d{14}_": "REVISION_",
    r"\b\d{4}_hand_over": "REVISION_hand_over",
    r"\b\d+\.\d\d\b": "MS",
    r"─+": "─",
    r"[ \n]+": " ",
}
"""What differs from run to run, and how wide a table is drawn."""


@dataclass(frozen=True, slots=True)
class Shown:
    """Commands of a page, and what they print."""

    commands: list[list[str]]
    output: str


@dataclass(frozen=True, slots=True)
class Edit:
    """Lines of a file, and those that come in their place."""

    file: str
    old: str
    new: str


def steps(page: Path) -> Iterator[Shown | Edit]:
    """Each block of commands that has its output below it, and each change of a file, in the order of the page."""
    found = list(BLOCK.finditer(page.read_text(encoding="utf-8")))
    for block, below in zip(found, [*found[1:], None], strict=True):
        if block["language"] == "diff":
            yield edit_of(block["body"])
        elif below is not None and (block["language"], below["language"]) == ("sh", "text"):
            assert below.start() == block.end(), f"what stands between {block['body']} and its output?"
            yield Shown(list(commands_of(block["body"])), below["body"])


def commands_of(text: str) -> Iterator[list[str]]:
    """The words of each line, without comments."""
    return (words for line in text.splitlines() if (words := shlex.split(line, comments=True)))


def edit_of(text: str) -> Edit:
    """Of `--- file`, then lines that begin with a minus, and those that begin with a plus."""
    head, *lines = text.splitlines()
    parts = {sign: "".join(f"{line[1:]}\n" for line in lines if line[0] == sign) for sign in "-+"}
    return Edit(head.removeprefix("--- "), parts["-"], parts["+"])


def variables(page: Path) -> dict[str, str]:
    """What the page exports."""
    return dict(re.findall(r"^export (\w+)=(\S+)$", page.read_text(encoding="utf-8"), re.MULTILINE))


async def printed(project: Project, step: Shown) -> str:
    """What the commands of a step print. Of other programs there is `rm` alone."""
    output = ""
    for program, *arguments in step.commands:
        if program == "rm":
            for name in arguments:
                project.path(name).unlink()
        else:
            assert program == "crossdock", program
            ran = await project.crossdock(*arguments)
            output += ran.out + LOGGED.sub("", ran.errors)
    return output


def plain(output: str) -> str:
    """Output without what differs from run to run."""
    for pattern, word in VARYING.items():
        output = re.sub(pattern, word, output)
    return output.strip()


def fits(shown: str, output: str) -> bool:
    """Whether the page shows what was printed. Where it has three dots, anything may stand."""
    pattern = ".*".join(map(re.escape, plain(shown).split("...")))
    return re.fullmatch(pattern, plain(output)) is not None
