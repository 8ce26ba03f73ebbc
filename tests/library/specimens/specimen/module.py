"""Specimens: values of every type, in a table that both ORMs map."""

from crossdock.registry import Module, Orm

MODULE = Module(name="specimen", orm=Orm.TORTOISE, tables=("specimens",), summary="values of every type")
