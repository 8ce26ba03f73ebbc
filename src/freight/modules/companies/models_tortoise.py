"""Companies, in Tortoise."""

from tortoise import fields

from crossdock.schema.tortoise import VersionedModel
from freight.modules.companies.store import CompanyKind


class Company(VersionedModel):
    """A tenant. Soft-deleted: its history has to stay readable."""

    name = fields.CharField(max_length=200)
    kind = fields.CharEnumField(CompanyKind, max_length=20)
    deleted_at = fields.DatetimeField(null=True)

    class Meta:
        table = "companies"
