"""What the Dockerfile and the compose file say, read without Docker."""

import json
import re
import shlex
import shutil
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[1]
LOGINS = ROOT / "deploy" / "logins.sql"


def instructions(text: str) -> list[tuple[str, str]]:
    """Each instruction of a Dockerfile with its arguments, on one line."""
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    whole = re.sub(r"\\\n\s*", " ", "\n".join(lines))
    return [(words[0], words[2]) for words in (line.partition(" ") for line in whole.splitlines())]


DOCKERFILE = instructions((ROOT / "Dockerfile").read_text())
FINAL = DOCKERFILE[max(place for place, (word, _) in enumerate(DOCKERFILE) if word == "FROM") :]
"""The last stage: what is run."""


def said(word: str) -> str:
    """The arguments of an instruction that the last stage has once."""
    [arguments] = [arguments for each, arguments in FINAL if each == word]
    return arguments


def health_command() -> list[str]:
    """What HEALTHCHECK runs."""
    command: list[str] = json.loads(said("HEALTHCHECK").partition("CMD ")[2])
    return command


def variables() -> dict[str, str]:
    """What ENV sets."""
    return dict(pair.split("=", 1) for pair in shlex.split(said("ENV")))


def copied(stage: list[tuple[str, str]]) -> list[str]:
    """What a stage takes from this folder, and not from another stage."""
    copies = [shlex.split(arguments) for word, arguments in stage if word == "COPY"]
    return [source for words in copies if not words[0].startswith("--from") for source in words[:-1]]


def build(folder: Path) -> None:
    """The folder /crossdock of the image."""
    for source in ["src", *copied(FINAL)]:
        path = ROOT / source
        if path.is_dir():
            shutil.copytree(path, folder / source, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(path, folder / source)


def composed() -> dict[str, Any]:
    """The services, with no variable set: each has its default."""
    parsed = json.dumps(yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"])
    services: dict[str, Any] = json.loads(re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", parsed))
    return services
