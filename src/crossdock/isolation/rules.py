"""Rules: what neither ORM's models say of the tables, as it is now. Policies, grants, functions, triggers."""

from importlib.resources import files

from crossdock.models.own_rules import module_rules, own_rules
from crossdock.registry import Registry
from crossdock.registry.registry import is_package

FILE = "rules.sql"


def rules(registry: Registry) -> dict[str, str]:
    """Where → SQL: the library's and the application's first, since the policies of every module call their functions.

    Names carry no schema.
    """
    application = registry.application
    found = {}
    if application.library_tables is None:
        found["crossdock/own_rules"] = own_rules(application.tenancy_object)
    if application.rules is not None:
        package, _, name = application.rules.partition(":")
        found[application_rules(registry)] = (files(package) / name).read_text()
    found["crossdock/module_rules"] = module_rules(application.tenancy_object)
    homes = {module.name: registry.package_of(module) for module in registry}
    of_modules = {f"modules/{name}/{FILE}": files(home) / FILE for name, home in homes.items() if is_package(home)}
    return found | {where: file.read_text() for where, file in of_modules.items() if file.is_file()}


def application_rules(registry: Registry) -> str:
    """What the file with the application's own rules is called here; empty where it has none."""
    return (registry.application.rules or "").replace(":", "/")
