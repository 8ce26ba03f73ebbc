"""The head of the OpenAPI document: title, version, description and tags of an application."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from crossdock.registry import Registry

NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class About:
    """`description` is Markdown. `tags` are shown first and in this order; all others follow by their names."""

    title: str
    summary: str
    version: str
    description: str = ""
    license: str | None = None
    """An SPDX identifier."""
    contact: str | None = None
    tags: Sequence[str] = ()

    def openapi(self, registry: Registry, more_tags: Mapping[str, str] = NOTHING) -> dict[str, Any]:
        """Arguments of FastAPI's constructor. `more_tags` are those of routes that no manifest names."""
        facts: dict[str, Any] = {
            "title": self.title,
            "summary": self.summary,
            "version": semantic(self.version),
            "description": self.description,
            "openapi_tags": tags(registry, self.tags, more_tags),
            "servers": [{"url": "/", "description": "The service that this document comes from."}],
        }
        if self.license:
            facts["license_info"] = {"name": self.license, "identifier": self.license}
        if self.contact:
            facts["contact"] = {"name": self.contact}
        return facts


def tags(registry: Registry, order: Sequence[str] = (), more: Mapping[str, str] = NOTHING) -> list[dict[str, str]]:
    """The tags of the manifests and `more`, each with its description."""
    of_modules = {name: description for module in registry for name, description in module.tags.items()}
    described = {**of_modules, **more}
    names = [name for name in order if name in described] + sorted(described.keys() - set(order))
    return [{"name": name, "description": described[name]} for name in names]


def semantic(version: str) -> str:
    """`0.2.0-dev.0` for `0.2.0.dev0`, `1.0.0-rc.1` for `1.0.0rc1`: Python's spelling in that of semver.org."""
    return re.sub(r"\.?(a|b|rc|dev|post)(\d+)", r"-\1.\2", version, count=1)
