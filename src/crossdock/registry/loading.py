"""The settings of an application and its modules, read from the environment."""

import os
from typing import Any

from pydantic import ValidationError

from crossdock.config.settings import DB_FIELDS, Settings
from crossdock.config.variables import refuse_unknown, refuse_unread, wrong
from crossdock.registry.registry import Registry


def load_settings(registry: Registry | None = None, **overrides: Any) -> Settings:
    """The application's settings; without a registry those of the application of the current folder.

    Raises ConfigurationError naming each variable that is wrong or that nothing reads, never its value.
    """
    registry = registry or Registry.found()
    kind: type[Settings] = registry.application.settings_class
    refuse_unknown(os.environ, [kind, *(module.settings for module in registry if module.settings)])
    try:
        settings = kind(**overrides)
    except ValidationError as error:
        raise wrong(error) from None
    if settings.database_url is None and settings.model_fields_set & DB_FIELDS:
        refuse_unread(os.environ)
    settings.check_addresses()
    return settings
