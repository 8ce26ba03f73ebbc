"""What the raw `aerich` command reads: `TORTOISE_ORM`, made when it is asked for, from the service's own settings."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from asyncclick import ClickException

from crossdock.address import Address
from crossdock.driver.tortoise_client import ALIAS
from crossdock.errors import ConfigurationError, CrossdockError
from crossdock.migrations.chain import chains_of
from crossdock.migrations.history.journal import PROGRAM
from crossdock.migrations.owners import check_owners
from crossdock.registry import Orm, Registry, load_settings
from crossdock.schema.ownership import pass_over

RUNNER = "crossdock.migrations.tools.aerich_client"
BY_HAND = "crossdock.migrations.tools.aerich_backend"


@contextmanager
def as_click_exception() -> Iterator[None]:
    """What we refuse, in one line of the `aerich` command's own instead of a traceback."""
    try:
        yield
    except CrossdockError as error:
        raise ClickException(str(error)) from None


def aerich_config(
    address: Address, registry: Registry, settings: dict[str, str] | None = None, engine: str = RUNNER
) -> dict[str, Any]:
    """Tortoise on the direct lane with its own client, and aerich's own table beside our models. `settings` are
    PostgreSQL's, for the connection."""
    server_settings = {"application_name": f"{PROGRAM} (aerich)"} | (settings or {})
    # The schema always: without it a schema that is named like the user would come before `public`.
    # No floor: asyncpg restores it behind one's back, with a connection that the next run would wait for.
    credentials = {**address.asyncpg(), "minsize": 0, "maxsize": 1, "schema": address.schema}
    credentials["server_settings"] = server_settings
    pass_over(registry)
    models = [*registry.all_models(Orm.TORTOISE), "aerich.models"]
    return {
        "connections": {ALIAS: {"engine": engine, "credentials": credentials}},
        "apps": {app_of(registry): {"models": models, "default_connection": ALIAS}},
        "use_tz": True,
        "timezone": "UTC",
    }


def app_of(registry: Registry) -> str:
    """Tortoise's word for a group of models: the one whose chain is aerich's. Raises ConfigurationError without one."""
    chain = registry.application.aerich
    if chain is None:
        raise ConfigurationError("The pyproject has no [tool.crossdock.aerich]: this project has no chain of aerich's.")
    return chain.app


def __getattr__(name: str) -> dict[str, Any]:
    """`TORTOISE_ORM` as a module attribute, without reading the environment when this file is imported."""
    if name != "TORTOISE_ORM":
        raise AttributeError(name)
    with as_click_exception():
        registry = Registry.found()
        settings = load_settings(registry)
        check_owners(registry, chains_of(registry.application))  # a table that is not its own would become a DROP TABLE
        return aerich_config(settings.direct, registry, settings.migrations.timeouts(), engine=BY_HAND)
