"""Ctrl-C at a chosen moment of the service's start: when the service or a worker imports a module for the first time.

A worker is the process that workers are forked from, too: it imports what they have in common.

A terminal sends the signal to every process of the group, and so does the process that has come to the moment. The
hook is put into each process as `sitecustomize`, which Python imports before anything else.
"""

import signal
from pathlib import Path

from crossdock.config.settings import Settings
from tests.acceptance.process import Service

HOOK = """
import os, signal, sys

role, _, name = os.environ["INTERRUPT_AT"].partition(" ")
mine = "worker" if any("forkserver" in word for word in sys.orig_argv) else "service"

def hook(event, arguments):
    global name
    if event == "import" and role == mine and arguments[0] == name:
        name = ""
        open(os.environ["INTERRUPTED"], "w").close()
        os.killpg(os.getpgrp(), signal.SIGINT)

sys.addaudithook(hook)
"""


async def interrupt(moment: str, folder: Path, settings: Settings | None = None, **variables: str) -> Service:
    """A service with two workers that got Ctrl-C at a moment (`service typer`, `worker fastapi`), and has ended."""
    folder.joinpath("sitecustomize.py").write_text(HOOK)
    came = folder / "came"
    hooked = {"PYTHONPATH": str(folder), "INTERRUPT_AT": moment, "INTERRUPTED": str(came)}
    service = Service(settings, "--workers", "2", **hooked, **variables)
    try:
        await service.start()
    except AssertionError:  # it ended before it was ready
        await service.process.wait()
    await service.stop()
    assert came.exists(), f"nothing imported {moment}"
    return service


def ended_in_order(service: Service) -> bool:
    """Without a word of where the signal met it: as it wants to end, or, where nothing is open yet, by the signal."""
    return service.process.returncode in (0, -signal.SIGINT) and "Traceback" not in service.log
