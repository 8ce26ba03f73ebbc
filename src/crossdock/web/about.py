"""The head of the OpenAPI document: title, version, description and tags of an application."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from crossdock.registry import Registry


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

    def openapi(self, registry: Registry) -> dict[str, Any]:
        """Arguments of FastAPI's constructor."""
        facts: dict[str, Any] = {
            "title": self.title,
            "summary": self.summary,
            "version": semantic(self.version),
            "description": self.description,
            "openapi_tags": tags(registry, self.tags),
            "servers": [{"url": "/", "description": "The service that this document comes from."}],
        }
        if self.license:
            facts["license_info"] = {"name": self.license, "identifier": self.license}
        if self.contact:
            facts["contact"] = {"name": self.contact}
        return facts


def tags(registry: Registry, order: Sequence[str] = ()) -> list[dict[str, str]]:
    """The tags of the manifests, each with its description."""
    described = {name: description for module in registry for name, description in module.tags.items()}
    names = [name for name in order if name in described] + sorted(described.keys() - set(order))
    return [{"name": name, "description": described[name]} for name in names]


def semantic(version: str) -> str:
    """`0.2.0-dev.0` for `0.2.0.dev0`, `1.0.0-rc.1` for `1.0.0rc1`: Python's spelling in that of semver.org."""
    return re.sub(r"\.?(a|b|rc|dev|post)(\d+)", r"-\1.\2", version, count=1)
