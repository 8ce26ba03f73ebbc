"""Each module's `rules.sql`: what neither ORM's models say of its tables, as it is now."""

from importlib.resources import files

from crossdock.registry import Registry
from crossdock.registry.registry import is_there

FILE = "rules.sql"


def rules(registry: Registry) -> dict[str, str]:
    """Where → SQL, the library's functions first: every module's policies call them. Names carry no schema."""
    packages = {"crossdock/isolation": "crossdock.isolation"}
    homes = {module.name: registry.package_of(module) for module in registry}
    packages |= {f"modules/{name}": home for name, home in homes.items() if is_there(home)}
    found = {where: files(package) / FILE for where, package in packages.items()}
    return {f"{where}/{FILE}": file.read_text() for where, file in found.items() if file.is_file()}
