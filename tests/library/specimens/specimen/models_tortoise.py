"""The table as Tortoise sees it."""

from tortoise import Model, fields

from crossdock.ids import new_id
from tests.library.specimens.specimen.states import Level, State


class Specimen(Model):
    """One value, in the column of its type; the rest is NULL."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    key = fields.UUIDField(null=True)
    words = fields.TextField(null=True)
    word = fields.CharField(max_length=100, null=True)
    small = fields.SmallIntField(null=True)
    whole = fields.IntField(null=True)
    big = fields.BigIntField(null=True)
    ratio = fields.FloatField(null=True)
    price = fields.DecimalField(max_digits=30, decimal_places=6, null=True)
    flag = fields.BooleanField(null=True)
    at = fields.DatetimeField(null=True)
    day = fields.DateField(null=True)
    hour = fields.TimeField(null=True)
    lasts = fields.TimeDeltaField(null=True)
    blob = fields.BinaryField(null=True)
    state = fields.CharEnumField(State, max_length=20, null=True)
    level = fields.IntEnumField(Level, null=True)
    document = fields.JSONField(null=True)

    class Meta:
        schema = "scratch"
        table = "specimens"
