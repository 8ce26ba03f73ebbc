"""The contract of the accounts store, over every implementation, on a real PostgreSQL."""

import json
from collections.abc import Callable
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from crossdock.documents import Page, decode_cursor
from crossdock.errors import Forbidden
from crossdock.ids import new_id
from crossdock.tenancy import Platform, Scope
from crossdock.transaction import Database, Unit
from crossdock.transaction.faults import violated_constraint
from freight.modules.accounts.schemas.signing_in import SessionPage
from freight.modules.accounts.schemas.staff import MeOut, TeamPage, UserOut, UserPage
from freight.modules.accounts.store import AccountStore
from freight.modules.accounts.store.signing_in import Credentials, RefreshTokenRow, SessionRow, SignedInRow, ThrottleRow
from freight.modules.accounts.store.staff import MemberRow, Role, TeamRow, UserHistoryRow, UserRow, UserStatus
from freight.modules.companies.api import CompanyKind, add_company
from freight.tenancy import CompanyScope
from tests.stores.implementations import implementations
from tests.world import Server, unique

PLATFORM = Platform("a store's contract")
NOW = datetime.now(UTC)
LATER = NOW + timedelta(hours=1)
MakeStore = Callable[[Unit], AccountStore]


@pytest.fixture(params=implementations(AccountStore), ids=lambda implementation: implementation.__name__)
def store(request: pytest.FixtureRequest) -> MakeStore:
    made: MakeStore = request.param
    return made


@pytest.fixture
async def tenant(database: Database) -> CompanyScope:
    return await new_tenant(database)


async def new_tenant(database: Database) -> CompanyScope:
    async with database.transaction(PLATFORM) as tx:
        company = await add_company(tx, unique("company"), CompanyKind.CARRIER)
    return CompanyScope(company.id, company.kind)


def user_row(tenant: CompanyScope, **changes: Any) -> UserRow:
    row = UserRow(
        id=new_id(),
        company_id=tenant.company_id,
        name="Grace",
        surname="Hopper",
        email=f"{unique('grace')}@store.example",
        phone="+31 10 555 0123",
        locale="nl-NL",
        time_zone="Europe/Amsterdam",
        job_title="Dispatcher",
        licence_number="NL-4471902",
        role=Role.MANAGER,
        boss_id=None,
        status=UserStatus.ACTIVE,
        last_sign_in_at=None,
        created_at=NOW,
        updated_at=NOW,
        version=1,
    )
    return replace(row, **changes)


async def do(database: Database, store: MakeStore, scope: Scope, verb: str, *arguments: Any, **named: Any) -> Any:
    """One call of the store in a transaction of its own."""
    async with database.transaction(scope) as tx:
        return await getattr(store(tx), verb)(*arguments, **named)


async def user(database: Database, store: MakeStore, tenant: CompanyScope, **changes: Any) -> UserRow:
    row = user_row(tenant, **changes)
    await do(database, store, tenant, "add_user", row, "a hash")
    return row


async def team(database: Database, store: MakeStore, tenant: CompanyScope) -> TeamRow:
    row = TeamRow(new_id(), tenant.company_id, unique("team"), NOW, NOW, 1)
    await do(database, store, tenant, "add_team", row)
    return row


async def session(database: Database, store: MakeStore, owner: UserRow, **changes: Any) -> SessionRow:
    row = SessionRow(new_id(), owner.company_id, owner.id, "curl/8", "192.0.2.1", NOW, NOW, LATER)
    row = replace(row, **changes)
    await do(database, store, PLATFORM, "add_session", row)
    return row


async def refresh_token(database: Database, store: MakeStore, of: SessionRow, **changes: Any) -> RefreshTokenRow:
    row = RefreshTokenRow(new_id(), of.company_id, of.id, new_id().hex * 2, NOW, LATER)
    row = replace(row, **changes)
    await do(database, store, PLATFORM, "add_refresh_token", row)
    return row


async def set_deleted(server: Server, database: Database, table: str, row_id: UUID) -> None:
    connection = await server.connect(database.settings.direct.database)
    await connection.execute(f"UPDATE {table} SET deleted_at = now() WHERE id = $1", row_id)
    await connection.close()


async def test_a_user_comes_back_as_it_was_given(database: Database, store: MakeStore, tenant: CompanyScope) -> None:
    """Every field, to the microsecond, locked or not; the empty ones empty."""
    boss = await user(database, store, tenant, surname=None, phone=None, job_title=None, licence_number=None)
    row = await user(database, store, tenant, boss_id=boss.id)
    for each in (boss, row):
        assert await do(database, store, tenant, "get_user", each.id) == each
        assert await do(database, store, tenant, "get_user", each.id, lock=True) == each


async def test_a_change_needs_its_version(database: Database, store: MakeStore, tenant: CompanyScope) -> None:
    """All details are written where the version is the one that was read, and nothing where it is not."""
    row = await user(database, store, tenant)
    changed = user_row(tenant, id=row.id, role=Role.ADMIN, status=UserStatus.SUSPENDED, surname=None, version=2)
    changed = replace(changed, updated_at=LATER)
    assert await do(database, store, tenant, "change_user", changed, version=1)
    assert not await do(database, store, tenant, "change_user", replace(changed, name="Eve", version=2), version=1)
    assert await do(database, store, tenant, "get_user", row.id) == changed


async def test_a_change_keeps_the_last_sign_in(database: Database, store: MakeStore, tenant: CompanyScope) -> None:
    """A sign-in that comes between reading and writing a user is not overwritten."""
    row = await user(database, store, tenant)
    assert await do(database, store, PLATFORM, "note_sign_in", row.id, LATER, password_hash="a hash")
    assert await do(database, store, tenant, "change_user", replace(row, version=2), version=1)
    assert (await do(database, store, tenant, "get_user", row.id)).last_sign_in_at == LATER


async def test_an_email_is_unique_over_companies(database: Database, store: MakeStore, tenant: CompanyScope) -> None:
    """By the constraint that the contract names."""
    row = await user(database, store, tenant)
    other = await new_tenant(database)
    with pytest.raises(Exception) as raised:
        await user(database, store, other, email=row.email)
    assert violated_constraint(raised.value) == "users_email_key"


async def test_another_tenant_neither_sees_nor_changes(
    database: Database, store: MakeStore, tenant: CompanyScope
) -> None:
    """Users, teams, members, sessions: not there for it; and nothing can be put under another company's name."""
    row, group = await user(database, store, tenant), await team(database, store, tenant)
    opened = await session(database, store, row)
    other = await new_tenant(database)
    assert await do(database, store, other, "get_user", row.id) is None
    assert await do(database, store, other, "user_document", row.id) is None
    assert not await do(database, store, other, "change_user", replace(row, version=2), version=1)
    assert await do(database, store, other, "lock_team", group.id) is None
    assert not await do(database, store, other, "revoke_session", opened.id, row.id, at=NOW, reason="theft")
    with pytest.raises(Forbidden):
        await do(database, store, other, "add_user", user_row(tenant), "a hash")
    with pytest.raises(Forbidden):
        await do(database, store, other, "add_team", replace(group, id=new_id()))


async def test_a_tenant_reads_no_tokens_and_no_throttles(
    database: Database, store: MakeStore, tenant: CompanyScope
) -> None:
    """They are the platform's alone, and so is opening a session."""
    opened = await session(database, store, await user(database, store, tenant))
    for verb, argument in (
        ("find_refresh_token", "00"),
        ("throttles", ["account:x"]),
        ("add_session", replace(opened, id=new_id())),
    ):
        with pytest.raises(Forbidden):
            await do(database, store, tenant, verb, argument)


async def test_who_else_is_an_admin(database: Database, store: MakeStore, tenant: CompanyScope) -> None:
    """Only an active admin of the same company counts."""
    admin = await user(database, store, tenant, role=Role.ADMIN)
    await user(database, store, tenant, role=Role.ADMIN, status=UserStatus.SUSPENDED)
    await user(database, store, tenant)
    other = await new_tenant(database)
    await user(database, store, other, role=Role.ADMIN)
    for scope in (tenant, PLATFORM):
        assert not await do(database, store, scope, "has_admin_besides", tenant.company_id, admin.id)
        assert await do(database, store, scope, "has_admin_besides", tenant.company_id, new_id())


async def test_history_is_added_and_never_changed(
    database: Database, store: MakeStore, tenant: CompanyScope, server: Server
) -> None:
    """Rows come back as they were given; the tenant has no right to rewrite them."""
    row = await user(database, store, tenant)
    rows = [
        UserHistoryRow(new_id(), row.company_id, row.id, "role", None, "manager", None, None, NOW),
        UserHistoryRow(new_id(), row.company_id, row.id, "status", "active", "suspended", new_id(), "left", LATER),
    ]
    await do(database, store, tenant, "add_history", rows)
    connection = await server.connect(database.settings.direct.database)
    names = ", ".join(field.name for field in fields(UserHistoryRow))
    found = await connection.fetch(f"SELECT {names} FROM user_history WHERE user_id = $1 ORDER BY id", row.id)
    allowed = await connection.fetchval("SELECT has_table_privilege('crossdock_app', 'user_history', 'UPDATE, DELETE')")
    await connection.close()
    assert [UserHistoryRow(*each) for each in found] == rows
    assert not allowed


async def test_documents_have_the_shape_of_their_schemas(
    database: Database, store: MakeStore, tenant: CompanyScope
) -> None:
    """Each document is valid against its schema, and holds what the row holds."""
    row = await user(database, store, tenant, last_sign_in_at=NOW)
    document = await do(database, store, tenant, "user_document", row.id)
    assert UserOut.model_validate_json(document.body) == UserOut.model_validate(row)
    assert document.version == 1
    me = await do(database, store, tenant, "me_document", row.id, row.id)
    assert MeOut.model_validate_json(me.body).company.id == tenant.company_id
    assert MeOut.model_validate_json(me.body).session_id == row.id
    page = await do(database, store, tenant, "user_page", Page())
    assert UserPage.model_validate_json(page.body).items == [UserOut.model_validate(row)]
    assert await do(database, store, tenant, "me_document", new_id(), row.id) is None


@pytest.mark.parametrize("what", ["user", "team"])
async def test_pages_are_whole_and_stable(
    database: Database, store: MakeStore, tenant: CompanyScope, what: str
) -> None:
    """Newest first, each once, whatever the size of the page; a row that comes meanwhile moves nothing."""
    make: Callable[..., Any] = user if what == "user" else team
    made = [(await make(database, store, tenant)).id for _ in range(5)]
    seen, cursor = [], None
    while True:
        body = json.loads((await do(database, store, tenant, f"{what}_page", Page(2, decode_cursor(cursor)))).body)
        seen += [UUID(item["id"]) for item in body["items"]]
        await make(database, store, tenant)
        cursor = body["next_cursor"]
        if cursor is None:
            break
    assert seen == made[::-1]


async def test_a_deleted_user_is_not_there(
    database: Database, store: MakeStore, tenant: CompanyScope, server: Server
) -> None:
    """Neither read, changed, listed nor signed in; the row stays for the history."""
    row = await user(database, store, tenant, role=Role.ADMIN)
    opened = await session(database, store, row)
    await set_deleted(server, database, "users", row.id)
    assert await do(database, store, tenant, "get_user", row.id) is None
    assert not await do(database, store, tenant, "change_user", replace(row, version=2), version=1)
    assert json.loads((await do(database, store, tenant, "user_page", Page())).body)["items"] == []
    assert not await do(database, store, tenant, "has_admin_besides", tenant.company_id, new_id())
    assert await do(database, store, PLATFORM, "find_credentials", row.email) is None
    assert await do(database, store, PLATFORM, "signed_in", opened.id, NOW) is None
    assert await do(database, store, PLATFORM, "get_credentials", row.id) is None
    assert not await do(database, store, PLATFORM, "note_sign_in", row.id, NOW, password_hash="a hash")
    assert not await do(database, store, PLATFORM, "change_password", row.id, "another hash", old="a hash")


async def test_a_team_and_its_members(database: Database, store: MakeStore, tenant: CompanyScope) -> None:
    """Members are added, counted, listed in the order they came, and removed once."""
    group = await team(database, store, tenant)
    assert await do(database, store, tenant, "lock_team", group.id) == group
    people = [await user(database, store, tenant) for _ in range(3)]
    for each in people:
        row = MemberRow(new_id(), tenant.company_id, group.id, each.id, NOW)
        assert not await do(database, store, tenant, "is_member", group.id, each.id)
        await do(database, store, tenant, "add_member", row)
        assert await do(database, store, tenant, "is_member", group.id, each.id)
    assert await do(database, store, tenant, "count_members", group.id) == 3
    assert await do(database, store, tenant, "remove_member", group.id, people[0].id)
    assert not await do(database, store, tenant, "remove_member", group.id, people[0].id)
    await do(database, store, tenant, "change_team", replace(group, updated_at=LATER, version=2))
    page = TeamPage.model_validate_json((await do(database, store, tenant, "team_page", Page())).body)
    assert page.items[0].member_ids == [each.id for each in people[1:]]
    assert page.items[0].updated_at == LATER


async def test_a_team_name_is_unique_in_its_company(database: Database, store: MakeStore, tenant: CompanyScope) -> None:
    """By the constraint that the contract names; another company may have it too."""
    group, other = await team(database, store, tenant), await new_tenant(database)
    with pytest.raises(Exception) as raised:
        await do(database, store, tenant, "add_team", replace(group, id=new_id()))
    assert violated_constraint(raised.value) == "uid_teams_company_dcb6ad"
    await do(database, store, other, "add_team", replace(group, id=new_id(), company_id=other.company_id))


async def test_credentials_are_those_of_who_may_sign_in(
    database: Database, store: MakeStore, tenant: CompanyScope, server: Server
) -> None:
    """Of an active user, by the address in lower case or by id; not of a suspended one, nor of a deleted company's."""
    row = await user(database, store, tenant)
    suspended = await user(database, store, tenant, status=UserStatus.SUSPENDED)
    found = await do(database, store, PLATFORM, "find_credentials", row.email)
    assert found == Credentials(row.id, row.company_id, row.email, "a hash")
    assert await do(database, store, PLATFORM, "get_credentials", row.id) == found
    assert await do(database, store, PLATFORM, "find_credentials", suspended.email) is None
    assert await do(database, store, PLATFORM, "get_credentials", suspended.id) is None
    assert not await do(database, store, PLATFORM, "note_sign_in", suspended.id, NOW, password_hash="a hash")
    await set_deleted(server, database, "companies", tenant.company_id)
    assert await do(database, store, PLATFORM, "find_credentials", row.email) is None
    assert await do(database, store, PLATFORM, "get_credentials", row.id) is None


async def test_a_password_is_changed_where_it_still_is_the_old_one(
    database: Database, store: MakeStore, tenant: CompanyScope
) -> None:
    """Of an active user, once, by their own company; a sign-in that compared the old one comes too late."""
    row, suspended = await user(database, store, tenant), await user(database, store, tenant, status="suspended")
    change = ("change_password", row.id, "another hash")
    assert not await do(database, store, await new_tenant(database), *change, old="a hash")
    assert await do(database, store, tenant, *change, old="a hash")
    assert not await do(database, store, tenant, *change, old="a hash")
    assert not await do(database, store, tenant, "change_password", suspended.id, "another hash", old="a hash")
    assert (await do(database, store, PLATFORM, "get_credentials", row.id)).password_hash == "another hash"
    assert not await do(database, store, PLATFORM, "note_sign_in", row.id, NOW, password_hash="a hash")
    assert await do(database, store, PLATFORM, "note_sign_in", row.id, NOW, password_hash="another hash")
    assert await do(database, store, tenant, "get_user", row.id) == replace(row, last_sign_in_at=NOW)


async def test_a_live_session_says_whose_it_is(database: Database, store: MakeStore, tenant: CompanyScope) -> None:
    """With the role and the company's kind of now; nothing once it has expired or its user is suspended."""
    row = await user(database, store, tenant)
    opened = await session(database, store, row)
    expected = SignedInRow(opened.id, row.id, tenant.company_id, "carrier", Role.MANAGER)
    assert await do(database, store, PLATFORM, "signed_in", opened.id, NOW) == expected
    assert await do(database, store, PLATFORM, "signed_in", opened.id, LATER) is None
    assert await do(database, store, PLATFORM, "signed_in", new_id(), NOW) is None
    suspended = replace(row, status=UserStatus.SUSPENDED, version=2)
    assert await do(database, store, tenant, "change_user", suspended, version=1)
    assert await do(database, store, PLATFORM, "signed_in", opened.id, NOW) is None


async def test_a_session_ends_once(database: Database, store: MakeStore, tenant: CompanyScope) -> None:
    """By its own user only; after it nothing extends it."""
    row, other = await user(database, store, tenant), await user(database, store, tenant)
    opened = await session(database, store, row)
    assert not await do(database, store, tenant, "revoke_session", opened.id, other.id, at=NOW, reason="theft")
    assert await do(database, store, tenant, "revoke_session", opened.id, row.id, at=NOW, reason="enough")
    assert not await do(database, store, tenant, "revoke_session", opened.id, row.id, at=NOW, reason="enough")
    assert not await do(database, store, PLATFORM, "extend_session", opened.id, used_at=NOW, expires_at=LATER)
    assert await do(database, store, PLATFORM, "signed_in", opened.id, NOW) is None


async def test_all_sessions_of_a_user_end(database: Database, store: MakeStore, tenant: CompanyScope) -> None:
    """All but the one to keep, and none of another user; the ids are those that were live."""
    row, other = await user(database, store, tenant), await user(database, store, tenant)
    first, second, kept = [await session(database, store, row) for _ in range(3)]
    await session(database, store, row, expires_at=NOW)
    theirs = await session(database, store, other)
    ended = ("revoke_sessions", row.id)
    assert await do(database, store, await new_tenant(database), *ended, at=NOW, reason="theft") == []
    ids = await do(database, store, tenant, *ended, at=NOW, reason="password changed", besides=kept.id)
    assert ids == [first.id, second.id]
    live = [await do(database, store, PLATFORM, "signed_in", each.id, NOW) for each in (first, second, kept, theirs)]
    assert [each is not None for each in live] == [False, False, True, True]
    assert await do(database, store, tenant, *ended, at=NOW, reason="suspended") == [kept.id]
    assert await do(database, store, tenant, *ended, at=NOW, reason="suspended") == []


async def test_sessions_are_listed_while_they_live(database: Database, store: MakeStore, tenant: CompanyScope) -> None:
    """Newest first, the current one marked; neither revoked nor expired ones; extending one keeps it there."""
    row = await user(database, store, tenant)
    first, second, third = [await session(database, store, row) for _ in range(3)]
    await do(database, store, tenant, "revoke_session", second.id, row.id, at=NOW, reason="enough")
    page = await do(database, store, tenant, "session_page", row.id, third.id, Page(), NOW)
    items = SessionPage.model_validate_json(page.body).items
    assert [(item.id, item.current) for item in items] == [(third.id, True), (first.id, False)]
    assert (items[0].user_agent, items[0].address, items[0].expires_at) == ("curl/8", "192.0.2.1", LATER)
    much_later = LATER + timedelta(hours=1)
    assert await do(database, store, PLATFORM, "extend_session", first.id, used_at=NOW, expires_at=much_later)
    page = await do(database, store, tenant, "session_page", row.id, third.id, Page(), LATER)
    assert [item.id for item in SessionPage.model_validate_json(page.body).items] == [first.id]


async def test_a_refresh_token_is_used_once(database: Database, store: MakeStore, tenant: CompanyScope) -> None:
    """It comes back as it was given, used or not; it is marked once, and not after its time."""
    opened = await session(database, store, await user(database, store, tenant))
    token = await refresh_token(database, store, opened)
    old = await refresh_token(database, store, opened, expires_at=NOW)
    assert await do(database, store, PLATFORM, "use_refresh_token", token.token_sha256, NOW)
    assert not await do(database, store, PLATFORM, "use_refresh_token", token.token_sha256, NOW)
    assert not await do(database, store, PLATFORM, "use_refresh_token", old.token_sha256, NOW)
    assert await do(database, store, PLATFORM, "find_refresh_token", token.token_sha256) == token
    assert await do(database, store, PLATFORM, "find_refresh_token", "0" * 64) is None


async def test_expired_refresh_tokens_are_forgotten(database: Database, store: MakeStore, tenant: CompanyScope) -> None:
    """At most so many at a time; those that are still good stay."""
    opened = await session(database, store, await user(database, store, tenant))
    long_ago = NOW - timedelta(days=400)
    old = [await refresh_token(database, store, opened, expires_at=long_ago) for _ in range(3)]
    good = await refresh_token(database, store, opened)
    assert await do(database, store, PLATFORM, "delete_old_refresh_tokens", long_ago + timedelta(days=1), 2) == 2
    assert await do(database, store, PLATFORM, "delete_old_refresh_tokens", long_ago + timedelta(days=1), 2) == 1
    left = [await do(database, store, PLATFORM, "find_refresh_token", each.token_sha256) for each in (*old, good)]
    assert left == [None, None, None, good]


async def test_counts_of_failures(database: Database, store: MakeStore) -> None:
    """Added where there is none, read in the order of their keys, changed, and forgotten when they are old."""
    keys = sorted(unique("account:") for _ in range(3))
    await do(database, store, PLATFORM, "add_throttles", keys[1:], NOW)
    await do(database, store, PLATFORM, "change_throttle", ThrottleRow(keys[1], 7, LATER, NOW))
    await do(database, store, PLATFORM, "add_throttles", keys, LATER)
    expected = [
        ThrottleRow(keys[0], 0, None, LATER),
        ThrottleRow(keys[1], 7, LATER, NOW),
        ThrottleRow(keys[2], 0, None, NOW),
    ]
    assert await do(database, store, PLATFORM, "throttles", keys[::-1]) == expected
    assert await do(database, store, PLATFORM, "throttles", keys[::-1], lock=True) == expected
    assert await do(database, store, PLATFORM, "delete_old_throttles", NOW + timedelta(seconds=1), 1_000) >= 2
    assert await do(database, store, PLATFORM, "throttles", keys) == expected[:1]
