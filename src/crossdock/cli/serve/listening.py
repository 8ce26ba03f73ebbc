"""The service's port: taken before anything is started, and who holds it when it is not free."""

import errno
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psutil

from crossdock.errors import ConfigurationError

BACKLOG = 2048


@contextmanager
def bound(host: str, port: int) -> Iterator[socket.socket]:
    """A socket that has the address and does not listen yet: clients are refused, not kept waiting, until we are ready.

    Raises ConfigurationError in one line when the address cannot be had.
    """
    with _socket(host) as listener:
        with telling(host, port):
            listener.bind((host, port or _free_port(host)))
        yield listener


def _socket(host: str) -> socket.socket:
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    return listener


def _free_port(host: str) -> int:
    """A socket that was bound to port 0 would have another one each time that it listens again."""
    with _socket(host) as probe:
        probe.bind((host, 0))
        port: int = probe.getsockname()[1]
    return port


def refuse(listener: socket.socket) -> None:
    """Ends the listening: whoever waits there is refused, and so is whoever comes. The address stays ours, and `listen`
    takes clients again. Linux does so for every process that has this socket."""
    with suppress(OSError):  # it does not listen
        listener.shutdown(socket.SHUT_RDWR)


def listen(listener: socket.socket) -> None:
    """Raises ConfigurationError when somebody else began to listen on the same address meanwhile."""
    host, port = listener.getsockname()[:2]
    with telling(host, port):
        listener.listen(BACKLOG)


def url_of(listener: socket.socket) -> str:
    """Where a client on this machine reaches it."""
    host, port = listener.getsockname()[:2]
    reachable = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  compared with, not bound to
    return f"http://[{reachable}]:{port}" if ":" in reachable else f"http://{reachable}:{port}"


@contextmanager
def telling(host: str, port: int) -> Iterator[None]:
    """Tells a failure to bind or to listen in one line."""
    try:
        yield
    except (OSError, OverflowError) as error:
        if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
            raise ConfigurationError(
                f"Port {port} on {host} is taken by {_holder(port)}: end it, or choose another with --port."
            ) from None
        raise ConfigurationError(f"Cannot listen on {host}, port {port}: {error}.") from None


def _holder(port: int) -> str:
    """The program that listens on a port, as far as this user may know."""
    try:
        connections = psutil.net_connections("tcp")
    except (psutil.Error, OSError):
        return "another program"
    for connection in connections:
        if connection.status == psutil.CONN_LISTEN and connection.laddr.port == port and connection.pid:
            return _program(connection.pid)
    return "another program"


def _program(pid: int) -> str:
    try:
        command = psutil.Process(pid).cmdline()
    except psutil.Error:
        return f"process {pid}"
    is_ours = any("crossdock" in word for word in command[:2]) and "serve" in command
    name = "another crossdock serve" if is_ours else command[0].rpartition("/")[2] if command else "a program"
    return f"{name} (process {pid})"
