"""Tortoise's."""

from typing import Any

from tortoise import Model, fields


class Author(Model):
    id = fields.IntField(primary_key=True)
    name = fields.CharField(100)

    class Meta:
        table = "authors"


class Tag(Model):
    id = fields.IntField(primary_key=True)
    word = fields.CharField(50, unique=True)

    class Meta:
        table = "tags"


class Book(Model):
    id = fields.IntField(primary_key=True)
    title = fields.CharField(200, db_index=True)
    author: Any = fields.ForeignKeyField("catalogue.Author", related_name="books")
    tags: Any = fields.ManyToManyField("catalogue.Tag")

    class Meta:
        table = "books"
