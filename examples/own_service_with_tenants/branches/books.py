"""Books, on Tortoise ORM."""

from tortoise import fields
from tortoise.models import Model


class Book(Model):
    id = fields.IntField(primary_key=True)
    branch_id = fields.BigIntField()
    title = fields.CharField(max_length=200)
    copies_in = fields.IntField()

    class Meta:
        table = "books"
