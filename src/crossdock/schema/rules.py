"""Each module's `rules.sql`: what neither ORM's models say of its tables, as it is now."""

from importlib.resources import files

from crossdock.registry import Registry

FILE = "rules.sql"


def rules(registry: Registry) -> dict[str, str]:
    """Where → SQL, the kernel's functions first: every module's policies call them. Names carry no schema."""
    packages = {"kernel/schema": "crossdock.schema"}
    packages |= {f"modules/{module.name}": f"{registry.package}.{module.name}" for module in registry}
    found = {where: files(package) / FILE for where, package in packages.items()}
    return {f"{where}/{FILE}": file.read_text() for where, file in found.items() if file.is_file()}
