"""Where the `crossdock` command begins: what Ctrl-C does, before anything that takes time is imported."""

import signal


def main() -> None:
    """Until a command says how it ends (`ending.py`), nothing is open, and Ctrl-C simply ends the process. Python's own
    way would print a traceback of whichever import was under way."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    from crossdock.cli.main import main as run

    run()
