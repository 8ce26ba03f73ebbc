"""What the files, the version tables and the journal say of one database, and where they disagree.

Nothing is run while anything here is wrong: each disagreement is a sentence that says what to do.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import asyncpg

from crossdock.errors import Conflict
from crossdock.migrations.chain import Chain
from crossdock.migrations.history import journal
from crossdock.migrations.history.journal import Event, Journal
from crossdock.migrations.revision import Revision
from crossdock.models.names import JOURNAL_TABLE

OWNED = """
SELECT quote_ident(o.rolname) AS owner, o.rolsuper AS owner_is_superuser, quote_ident(current_user) AS actor,
    has_table_privilege(c.oid, 'INSERT, UPDATE, DELETE') AND pg_has_role(o.oid, 'USAGE') AS may
FROM pg_class c JOIN pg_roles o ON o.oid = c.relowner
WHERE c.relnamespace = current_schema()::regnamespace AND c.relname = $1
"""


WATCHED = "SELECT EXISTS (SELECT FROM pg_trigger WHERE tgname = 'crossdock_journal' AND tgrelid = to_regclass($1))"


class MigrationsRefused(Conflict):
    """The files, the version tables and the journal disagree: nothing was run."""


@dataclass(frozen=True, slots=True)
class Renumbered:
    """`was`: what a revision was called when it ran on this database."""

    was: str
    now: Revision


@dataclass(frozen=True)
class ChainHistory:
    """One chain on one database. `applied` are names in their order, `rows` what the version table holds."""

    chain: Chain
    revisions: tuple[Revision, ...]
    rows: tuple[str, ...]
    events: tuple[Event, ...]
    is_watched: bool = False
    """The version table has the trigger that writes the journal."""
    renumbered: tuple[Renumbered, ...] = ()
    """Vouched for, and to be taken out of the version table under their old names."""

    @property
    def names(self) -> list[str]:
        return [revision.name for revision in self.revisions]

    @property
    def applied(self) -> list[str]:
        """alembic's table holds the last revision alone: those before it are there as well."""
        if self.chain.format.keeps_every_row or not self.rows:
            return list(self.rows)
        if self.rows[-1] in self.names:
            return self.names[: self.names.index(self.rows[-1]) + 1]
        return [*self._below_unknown_head(), self.rows[-1]]

    def _below_unknown_head(self) -> list[str]:
        """A newer release's revision says nothing against those that it was put on: the journal knows which they are.
        Where the journal does not reach back to one of ours, they are all that this release has: a revision is only
        ever added at the end."""
        below = journal.stood_on(self.events, self.chain.name)[:-1]
        for place in range(len(below) - 1, -1, -1):
            if below[place] in self.names:
                return self.names[: self.names.index(below[place]) + 1] + below[place + 1 :]
        return self.names

    @property
    def pending(self) -> list[str]:
        return [name for name in self.names if name not in self.applied]

    @property
    def unknown(self) -> list[str]:
        return [name for name in self.applied if name not in self.names]

    @property
    def applied_keys(self) -> set[str]:
        return {f"{self.chain.name}:{name}" for name in self.applied}

    @property
    def has_no_journal(self) -> bool:
        """The tools ran before there was a journal, or by hand on an empty database."""
        return bool(self.rows) and journal.versions(self.events, self.chain.name) is None

    @property
    def lost_its_journal(self) -> bool:
        """The trigger is there, and no word of what it must have written."""
        return self.has_no_journal and self.is_watched

    @property
    def is_there(self) -> set[str]:
        """Those that ran under another name, and are not in the version table yet."""
        written = journal.renumbered(self.events, self.chain.name)
        return {*written, *(each.now.name for each in self.renumbered)} - set(self.applied)

    def revision(self, name: str) -> Revision:
        return next(revision for revision in self.revisions if revision.name == name)

    def half_done(self) -> list[Event]:
        """The steps that came to nothing and may have done a part: only what stands alone leaves one."""
        return [event for event in journal.begun(self.events, self.chain.name).values() if event.stood_alone]


async def read(
    connection: asyncpg.Connection, chain: Chain, revisions: Sequence[Revision], tables: Sequence[str]
) -> ChainHistory:
    """Raises MigrationsRefused where the user may not read the version table: an empty one would look the same. It then
    says what helps for all of `tables`, the version tables of the project.
    """
    try:
        events = await Journal(connection).events()
        rows = await _rows(connection, chain)
        is_watched = await connection.fetchval(WATCHED, chain.table)
    except asyncpg.LockNotAvailableError:
        raise MigrationsRefused(
            f"Somebody holds a lock on {chain.table} or {JOURNAL_TABLE}: end that transaction, and run the same again."
        ) from None
    except asyncpg.InsufficientPrivilegeError as error:
        raise MigrationsRefused(
            f"What was migrated cannot be read ({error}), and nothing was run."
            f" {await _remedies(connection, [*tables, JOURNAL_TABLE])}"
        ) from None
    return ChainHistory(chain, tuple(revisions), tuple(rows), tuple(events), is_watched)


async def _remedies(connection: asyncpg.Connection, tables: Sequence[str]) -> str:
    said = [sentence for table in tables if (sentence := await may_write(connection, table))]
    user = await connection.fetchval("SELECT quote_ident(current_user)")
    return " ".join(said) or f"As a superuser: GRANT ALL ON {', '.join(tables)} TO {user}."


async def _rows(connection: asyncpg.Connection, chain: Chain) -> list[str]:
    if await connection.fetchval("SELECT to_regclass($1)", chain.table) is None:
        return []
    query, arguments = chain.versions
    return [row[0] for row in await connection.fetch(query, *arguments)]


async def may_write(connection: asyncpg.Connection, table: str) -> str | None:
    """A sentence when a version table (or the journal) is there and the user may not change it, or does not own it."""
    missing = await connection.fetchrow(OWNED, table)
    if missing is None or missing["may"]:
        return None
    owner, actor = missing["owner"], missing["actor"]
    if missing["owner_is_superuser"]:  # to be a member of a superuser is to be one
        remedy = f"ALTER TABLE {table} OWNER TO {actor}."
    elif connection.get_server_version() >= (16,):
        remedy = f"GRANT {owner} TO {actor} WITH INHERIT TRUE."
    else:
        remedy = f"GRANT {owner} TO {actor}; ALTER ROLE {actor} INHERIT."
    return (
        f"The user {actor} of DIRECT_URL may not write {table}, which belongs to {owner}: migrate as {owner}, or as a"
        f" superuser: {remedy}"
    )
