"""Companies: the tenants of the marketplace, and the platform itself."""

from crossdock.registry import Module, Orm

MODULE = Module(
    name="companies",
    orm=Orm.TORTOISE,
    summary="the tenants of the marketplace, and the platform itself",
    tables=("companies",),
    store="CompanyStore",
    events=("CompanyCreated",),
)
