"""What the OpenAPI document says of an application at its head."""

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
        told: dict[str, Any] = {
            "title": self.title,
            "summary": self.summary,
            "version": semantic(self.version),
            "description": self.description,
            "openapi_tags": tags(registry, self.tags),
            "servers": [{"url": "/", "description": "The service that this document comes from."}],
        }
        if self.license:
            told["license_info"] = {"name": self.license, "identifier": self.license}
        if self.contact:
            told["contact"] = {"name": self.contact}
        return told


def tags(registry: Registry, order: Sequence[str] = ()) -> list[dict[str, str]]:
    """Those of the manifests, each with its description."""
    told = {name: description for module in registry for name, description in module.tags.items()}
    names = [name for name in order if name in told] + sorted(told.keys() - set(order))
    return [{"name": name, "description": told[name]} for name in names]


def semantic(version: str) -> str:
    """`0.2.0-dev.0` for `0.2.0.dev0`, `1.0.0-rc.1` for `1.0.0rc1`: Python's spelling in that of semver.org."""
    return re.sub(r"\.?(a|b|rc|dev|post)(\d+)", r"-\1.\2", version, count=1)
