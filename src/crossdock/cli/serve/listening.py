"""The service's port: bound before anything is started. Where it is taken, the error names the program that has it."""

import errno
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psutil

from crossdock.errors import ConfigurationError

BACKLOG = 2048


@contextmanager
def bound(host: str, port: int) -> Iterator[socket.socket]:
    """A socket that is bound and does not listen yet, so that clients are refused until the service is ready.

    Raises ConfigurationError where the address cannot be bound.
    """
    with _socket(host) as listener:
        with explaining(host, port):
            listener.bind((host, port or _free_port(host)))
        yield listener


def _socket(host: str) -> socket.socket:
    listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    return listener


def _free_port(host: str) -> int:
    """A socket that is bound to port 0 gets another port whenever it listens again, so one is chosen beforehand."""
    with _socket(host) as probe:
        probe.bind((host, 0))
        port: int = probe.getsockname()[1]
    return port


def refuse(listener: socket.socket) -> None:
    """Ends the listening: clients in the queue are refused, and so are those that come. The socket stays bound, and
    `listen` takes clients again. On Linux this is so in every process that has the socket."""
    with suppress(OSError):  # it does not listen
        listener.shutdown(socket.SHUT_RDWR)


def listen(listener: socket.socket) -> None:
    """Raises ConfigurationError where another program listens on the same address by now."""
    host, port = listener.getsockname()[:2]
    with explaining(host, port):
        listener.listen(BACKLOG)


def url_of(listener: socket.socket) -> str:
    """The URL by which a client on this machine reaches the service."""
    host, port = listener.getsockname()[:2]
    reachable = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  compared with, not bound to
    return f"http://[{reachable}]:{port}" if ":" in reachable else f"http://{reachable}:{port}"


@contextmanager
def explaining(host: str, port: int) -> Iterator[None]:
    """Makes a ConfigurationError of one line of a failure to bind or to listen."""
    try:
        yield
    except (OSError, OverflowError) as error:
        if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
            raise ConfigurationError(
                f"Port {port} on {host} is taken by {_holder(port)}: end it, or choose another with --port."
            ) from None
        raise ConfigurationError(f"Cannot listen on {host}, port {port}: {error}.") from None


def _holder(port: int) -> str:
    """The program that listens on a port, as far as this user may see it."""
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
