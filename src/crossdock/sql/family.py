"""Which tables stand under which: partitions under a partitioned table, children under one that they inherit from."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from postgast import pg_query_pb2 as pg

from crossdock.sql.shapes import definition, parts
from crossdock.sql.statement import TABLE_KINDS, Statement, dropped

PARTITION_OF = (pg.AT_AttachPartition, pg.AT_DetachPartition)
"""Forms of ALTER TABLE that name a partition."""


@dataclass
class Family:
    """`children` are parent → those right under it; `partitioned` have no rows of their own; `defaults` are
    partitioned table → its DEFAULT partition."""

    children: dict[str, set[str]] = field(default_factory=dict)
    partitioned: set[str] = field(default_factory=set)
    defaults: dict[str, str] = field(default_factory=dict)

    def below(self, table: str) -> list[str]:
        """Every table under it, at any depth."""
        found: list[str] = []
        for child in sorted(self.children.get(table, ())):
            found += [child, *self.below(child)]
        return list(dict.fromkeys(found))

    def parent_of_partition(self, table: str) -> str | None:
        return next((parent for parent in self.partitioned if table in self.children.get(parent, ())), None)

    def learn(self, statement: Statement) -> None:
        """Takes in what a statement does."""
        node = statement.node
        if statement.kind == "create_stmt":
            self._create(node)
        elif statement.kind == "drop_stmt" and node.remove_type in TABLE_KINDS:
            for name in dropped(statement):
                self._forget(name)
        elif statement.kind == "rename_stmt" and node.rename_type in TABLE_KINDS:
            self._rename(node.relation.relname, node.newname)
        for part in parts(statement):
            self._alter(node.relation.relname, part)

    def _create(self, node: Any) -> None:
        name = node.relation.relname
        if node.HasField("partspec"):
            self.partitioned.add(name)
        for item in node.inh_relations:
            self.children.setdefault(item.range_var.relname, set()).add(name)
            if node.partbound.is_default:
                self.defaults[item.range_var.relname] = name

    def _alter(self, name: str, part: Any) -> None:
        named = definition(part)
        if part.subtype == pg.AT_AttachPartition:
            self.children.setdefault(name, set()).add(named.partition_cmd.name.relname)
            if named.partition_cmd.bound.is_default:
                self.defaults[name] = named.partition_cmd.name.relname
        elif part.subtype == pg.AT_DetachPartition:
            self._part(name, named.partition_cmd.name.relname)
        elif part.subtype == pg.AT_AddInherit:
            self.children.setdefault(named.range_var.relname, set()).add(name)
        elif part.subtype == pg.AT_DropInherit:
            self._part(named.range_var.relname, name)

    def _part(self, parent: str, child: str) -> None:
        self.children.get(parent, set()).discard(child)
        if self.defaults.get(parent) == child:
            del self.defaults[parent]

    def _forget(self, name: str) -> None:
        for parent in self.children:
            self._part(parent, name)
        if name in self.partitioned:
            for partition in self.children.get(name, set()).copy():
                self._forget(partition)
        self.children.pop(name, None)
        self.partitioned.discard(name)
        self.defaults.pop(name, None)

    def _rename(self, old: str, new: str) -> None:
        def named(name: str) -> str:
            return new if name == old else name

        self.children = {named(parent): {named(each) for each in below} for parent, below in self.children.items()}
        self.partitioned = {named(each) for each in self.partitioned}
        self.defaults = {named(parent): named(each) for parent, each in self.defaults.items()}


def partitions_named(statement: Statement) -> Iterator[tuple[str, str, int]]:
    """The parent, the partition and the form of each ATTACH and DETACH PARTITION; CREATE TABLE ... PARTITION OF is one
    of ATTACH. Not those of an index."""
    node = statement.node
    if statement.kind == "create_stmt" and node.HasField("partbound"):
        yield node.inh_relations[0].range_var.relname, node.relation.relname, pg.AT_AttachPartition
    elif statement.kind == "alter_table_stmt" and node.objtype == pg.OBJECT_TABLE:
        for part in parts(statement, *PARTITION_OF):
            yield node.relation.relname, definition(part).partition_cmd.name.relname, part.subtype
