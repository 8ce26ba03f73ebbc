"""The entry point of the `crossdock` command, which decides what Ctrl-C does before anything slow is imported."""

import signal


def main() -> None:
    """Until a command sets its own handlers (`ending.py`) nothing is open, and Ctrl-C simply ends the process. Python's
    default would print a traceback of the import that was interrupted."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    from crossdock.cli.main import main as run

    run()
