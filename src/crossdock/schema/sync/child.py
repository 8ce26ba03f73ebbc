"""Runs the proof in a process of its own, which imports the files as they are now.

This process may have imported older ones, and no model can be defined twice.
"""

import asyncio
import os
import pickle
import sys
from collections.abc import Mapping

from crossdock.address import Address
from crossdock.application import Application
from crossdock.errors import CrossdockError, ProgrammingError
from crossdock.registry import Orm
from crossdock.schema.sync.proof import Proved, prove

CHILD = "from crossdock.schema.sync.child import main; main()"


async def prove_anew(
    address: Address, application: Application, name: str, source: Orm, files: Mapping[Orm, tuple[str, ...]]
) -> Proved:
    """As `prove`."""
    status, output = await run(pickle.dumps((address, application, name, source, dict(files))))
    if status or not output:
        raise ProgrammingError("The proof has failed by itself: its traceback is above. No file was changed.")
    result = pickle.loads(output)  # noqa: S301  our own child's
    if isinstance(result, CrossdockError):
        raise result
    assert isinstance(result, Proved)
    return result


async def run(arguments: bytes) -> tuple[int | None, bytes]:
    """The child's exit status, and what it wrote on stdout."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", CHILD, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    try:
        output, _ = await process.communicate(arguments)
    finally:
        if process.returncode is None:  # cancelled: nobody waits for it any more
            process.kill()
    return process.returncode, output


def main() -> None:
    """The child: arguments on stdin, the result on what was stdout. What models print goes to stderr."""
    answer = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    arguments = pickle.load(sys.stdin.buffer)  # noqa: S301  our own parent's
    try:
        result: Proved | CrossdockError = asyncio.run(prove(*arguments))
    except CrossdockError as error:
        result = error
    with answer:
        pickle.dump(result, answer)
