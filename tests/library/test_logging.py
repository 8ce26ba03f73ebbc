"""Logs: one line per event, for people or for machines, and never a secret."""

import json
import subprocess
import sys
from functools import cache

import pytest

from crossdock.logging import hide_secrets

TELL = """
import structlog
from crossdock.config.settings import LogSettings
from crossdock.logging import configure
configure(LogSettings(level="{level}", format="{format}"))
log = structlog.get_logger("test")
log.debug("too quiet")
log.info("signed in", user="ann", password="s3cret", access_token="s3cret", db_url="s3cret", Authorization="s3cret")
try:
    raise KeyError("lost")
except KeyError:
    log.exception("failed")
"""


@cache
def told(level: str, format_: str) -> str:
    """What a process writes, with structlog configured once, as in production."""
    script = TELL.format(level=level, format=format_)
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert result.stdout == ""  # logs are no output
    return result.stderr


def test_for_machines_each_line_is_json() -> None:
    """With level, UTC time, fields and the trace in it."""
    signed_in, failed = [json.loads(line) for line in told("info", "json").splitlines()]
    assert (signed_in["event"], signed_in["level"], signed_in["user"]) == ("signed in", "info", "ann")
    assert signed_in["timestamp"].endswith("Z")
    assert "KeyError: 'lost'" in failed["exception"]


def test_for_people_it_is_readable() -> None:
    """A line of text, with no colours where nobody looks, and the trace below."""
    output = told("debug", "console")
    assert "signed in" in output
    assert "user=ann" in output
    assert "KeyError: 'lost'" in output
    assert "\x1b" not in output


@pytest.mark.parametrize(("level", "format_"), [("info", "json"), ("debug", "console")])
def test_secrets_are_hidden_by_their_names(level: str, format_: str) -> None:
    """Whoever logs a password, a token or a URL: its name is there, its value is not."""
    assert "s3cret" not in told(level, format_)
    assert told(level, format_).count("(hidden)") == 4


def test_the_level_is_the_least_that_is_told() -> None:
    """What is below is not written."""
    assert "too quiet" in told("debug", "console")
    assert "too quiet" not in told("info", "json")


@pytest.mark.parametrize("name", ["password", "db_password", "secret", "refresh_token", "DSN", "direct_url"])
def test_names_that_hide(name: str) -> None:
    """In any case, and as a part of a longer name."""
    assert hide_secrets(None, "info", {name: "x", "event": "y"}) == {name: "(hidden)", "event": "y"}
