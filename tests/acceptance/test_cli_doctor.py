"""`crossdock doctor`: each illness is found, named in plain words, and has a remedy."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import asyncpg
import pytest
from pydantic import SecretStr

from crossdock.address import Address
from crossdock.cli.diagnosis import Check, State, examine
from crossdock.cli.diagnosis.rights import look_at_roles
from crossdock.config.lists import networks
from crossdock.config.settings import HttpSettings, Settings
from freight.checks import look_at_secret
from freight.secret import auth_secret, kept_at
from freight.settings import AuthSettings
from freight.tenancy import TENANCY
from tests.acceptance.process import Port, crossdock
from tests.world import Server, database_name


@pytest.fixture
async def patient(server: Server, template: str) -> AsyncIterator[Settings]:
    """A database of its own, to be made ill."""
    settings = await server.copy(database_name("patient"), template)
    yield settings
    await server.drop(settings.direct.database)


@pytest.fixture
async def nobody(server: Server) -> AsyncIterator[str]:
    """A user who may sign in and nothing else."""
    name = database_name("nobody")
    admin = await server.connect("postgres")
    await admin.execute(f'CREATE ROLE "{name}" LOGIN')
    yield name
    await admin.execute(f'DROP ROLE "{name}"')
    await admin.close()


def with_service_user(settings: Settings, user: str) -> Settings:
    return settings.with_database(settings.pooled.with_user(user), settings.direct)


async def checked(settings: Settings) -> dict[str, Check]:
    return {check.name: check for check in await examine(settings)}


async def test_the_servers_version_is_its_own_word(settings: Settings, server: Server) -> None:
    """As `SHOW server_version` has it: 15.18 is not 15.0."""
    connection = await server.connect(settings.direct.database)
    said = await connection.fetchval("SHOW server_version")
    await connection.close()
    assert (await checked(settings))["direct lane"].message.startswith(f"PostgreSQL {said.split()[0]} at ")


def illnesses(checks: dict[str, Check]) -> dict[str, str]:
    return {check.name: check.message for check in checks.values() if check.state is State.FAILED}


async def test_a_healthy_service_has_nothing(settings: Settings) -> None:
    """Every check is well, and says what it saw; the command ends with status 0."""
    checks = await checked(settings)
    assert {check.state for check in checks.values()} == {State.OK}
    each = "8 tortoise + 8 transactions + 8 platform + 2 direct + 1 health + 1 stages + 1 shadow"
    assert f"1 worker × ({each}) = 29 connections" in checks["connections"].message
    ran = await crossdock("doctor", "--json", settings=settings)
    assert (ran.status, ran.json["ok"]) == (0, True)
    assert set(checks) < {check["name"] for check in ran.json["checks"]}


async def test_nobody_answers(settings: Settings) -> None:
    """The command says where it knocked and what to do, skips the rest, and ends with status 1."""
    unheard = Port()
    port = unheard.number
    silent = settings.with_database(Address("127.0.0.1", port, "ada", "crossdock"))
    ran = await crossdock("doctor", "--json", settings=silent)
    assert (ran.status, ran.json["ok"]) == (1, False)
    states = {check["name"]: check for check in ran.json["checks"]}
    assert states["pooled lane"]["state"] == "failed"
    assert f"Cannot connect to ada@127.0.0.1:{port}/crossdock" in states["pooled lane"]["message"]
    assert states["pooled lane"]["advice"] == "Start PostgreSQL there, or correct DATABASE_URL."
    assert states["isolation"]["state"] == "skipped"
    shown = await crossdock("doctor", settings=silent)
    assert shown.status == 1
    assert "Something is wrong" in shown.output


async def test_a_missing_database(server: Server) -> None:
    """It names the database and how to make it."""
    lane = (await checked(server.settings("not_there")))["direct lane"]
    assert (lane.state, "createdb not_there" in lane.advice) == (State.FAILED, True)


async def test_a_user_who_may_not_sign_in(settings: Settings) -> None:
    """It says whom the server refuses, and where that is written."""
    lane = (await checked(with_service_user(settings, "no_such_user")))["pooled lane"]
    assert lane.state is State.FAILED
    assert "no_such_user" in lane.message
    assert "DATABASE_URL" in lane.advice


async def test_too_many_connections(settings: Settings, nobody: str, server: Server) -> None:
    """The arithmetic, whether the pools cannot fit or the server has none left."""
    crowded = illnesses(await checked(settings.model_copy(update={"workers": 64})))
    each = "8 tortoise + 8 transactions + 8 platform + 2 direct + 1 health + 1 stages + 1 shadow"
    assert f"64 workers × ({each}) = 1856 connections" in crowded["connections"]
    admin = await server.connect("postgres")
    await admin.execute(f'ALTER ROLE "{nobody}" CONNECTION LIMIT 0')
    await admin.close()
    lane = (await checked(with_service_user(settings, nobody)))["pooled lane"]
    assert "no connection left" in lane.message
    each = "8 tortoise + 8 transactions + 2 direct + 1 health + 1 stages + 1 shadow"
    assert f"1 worker × ({each}) = 21 connections" in lane.advice


async def test_a_user_without_the_roles(settings: Settings, nobody: str) -> None:
    """The user may not become what row level security is written for."""
    found = illnesses(await checked(with_service_user(settings, nobody)))
    assert found == {"membership": f"{nobody} may not become crossdock_app or crossdock_platform"}


async def test_roles_that_are_missing(settings: Settings) -> None:
    """Told by name, with the command that makes them."""
    pooled = await asyncpg.connect(**settings.pooled.asyncpg())
    roles, membership = await look_at_roles(replace(TENANCY, platform_role="crossdock_nowhere"), pooled, pooled)
    await pooled.close()
    assert (roles.state, membership.state) == (State.FAILED, State.SKIPPED)
    assert roles.message == "the server has no role crossdock_nowhere"
    assert "crossdock migrate up" in roles.advice


async def test_a_user_who_may_too_much(settings: Settings, server: Server) -> None:
    """A warning for a superuser, and for the tables' owner: it works."""
    for user, word in ((server.superuser.user, "is a superuser"), (server.owner.user, "of our tables")):
        checks = await checked(with_service_user(settings, user))
        assert checks["service user"].state is State.WARNING
        assert word in checks["service user"].message


async def test_row_level_security_taken_away(patient: Settings) -> None:
    """Each table without it, and each without a policy, by name."""
    owner = await asyncpg.connect(**patient.direct.asyncpg())
    await owner.execute(
        "ALTER TABLE bids DISABLE ROW LEVEL SECURITY; DROP POLICY refresh_tokens_platform ON refresh_tokens"
    )
    await owner.close()
    found = illnesses(await checked(patient))
    assert set(found) == {"row level security", "schema"}
    assert "public.bids has row level security off" in found["row level security"]
    assert "public.refresh_tokens has no policy" in found["row level security"]
    assert found["schema"] == "2 differences between models and database."


async def test_migrations_that_do_not_fit(patient: Settings) -> None:
    """What is pending, and what somebody wrote into a version table, with the remedy of each."""
    owner = await asyncpg.connect(**patient.direct.asyncpg())
    await owner.execute("UPDATE alembic_version SET version_num = '9999'")
    await owner.execute("SET application_name = 'crossdock migrate (aerich)'")
    await owner.execute("DELETE FROM aerich WHERE id = (SELECT max(id) FROM aerich)")
    await owner.close()
    checks = await checked(patient)
    assert "alembic_version names 9999, which no release has" in checks["alembic migrations"].message
    assert "pending in aerich: " in checks["aerich migrations"].message
    assert checks["aerich migrations"].advice == "Run `crossdock migrate up`."


async def test_a_database_of_production(patient: Settings) -> None:
    """Reached by somebody who is not production: a warning."""
    owner = await asyncpg.connect(**patient.direct.asyncpg())
    await owner.execute("COMMENT ON TABLE alembic_version IS 'crossdock environment: production'")
    await owner.close()
    assert (await checked(patient))["environment"].state is State.WARNING


def test_the_secret(settings: Settings, tmp_path: Path) -> None:
    """Kept and readable by others: a warning. Given and weak: a failure. None yet: well, and none is made."""
    kept = settings.model_copy(update={"data_dir": tmp_path, "auth": AuthSettings()})
    assert look_at_secret(kept).state is State.OK
    assert list(tmp_path.iterdir()) == []
    auth_secret(kept)
    assert "readable by its owner alone" in look_at_secret(kept).message
    kept_at(kept).chmod(0o644)
    assert look_at_secret(kept).advice == f"chmod 600 {kept_at(kept)}"
    weak = kept.model_copy(update={"auth": AuthSettings(secret=SecretStr("changeme"))})
    assert look_at_secret(weak).state is State.FAILED


async def test_a_proxy_that_nobody_named(patient: Settings, server: Server) -> None:
    """In production nobody is believed by default, which is right where no proxy is; named ones are shown."""
    production = patient.model_copy(update={"environment": "production"})
    unnamed = (await checked(production))["proxies"]
    assert unnamed.state is State.WARNING
    assert "CROSSDOCK_HTTP__TRUSTED_PROXIES" in unnamed.advice
    named = patient.model_copy(update={"http": HttpSettings(trusted_proxies=networks("10.0.0.0/8"))})
    assert (await checked(named))["proxies"].message == "believed: 10.0.0.0/8"


async def test_sessions_that_all_began_at_one_address(patient: Settings, server: Server) -> None:
    """That of a proxy, wherever everybody signs in from one private address; a second address says that none is."""
    admin = await server.connect(patient.direct.database)
    await admin.execute(
        "SET session_replication_role = replica;"  # of sessions alone: whose they are is not looked at here
        "INSERT INTO sessions (id, company_id, user_id, address, created_at, last_used_at, expires_at)"
        " SELECT gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), '10.0.0.7', now(), now(), now()"
        " FROM generate_series(1, 20)"
    )
    shared = (await checked(patient))["proxies"]
    assert (shared.state, shared.message) == (
        State.WARNING,
        "all 20 sessions of the last day began at 10.0.0.7, as from one client",
    )
    await admin.execute(
        "UPDATE sessions SET address = '10.0.0.8' WHERE id = (SELECT min(id::text)::uuid FROM sessions)"
    )
    assert (await checked(patient))["proxies"].state is State.OK
    await admin.close()
