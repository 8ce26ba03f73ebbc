"""Settings from the environment: the names that others set, what comes before what, and errors that name no value."""

import os
from collections.abc import Iterator
from math import isfinite
from typing import Any

import annotated_types
import pytest
from pydantic import BaseModel

from crossdock.address import Address
from crossdock.config.settings import Settings
from crossdock.errors import ConfigurationError
from crossdock.registry import Registry
from crossdock.registry import load_settings as load
from freight.settings import FreightSettings
from tests.application import FREIGHT


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the tester's own environment."""
    for name in list(os.environ):
        if name.startswith(("CROSSDOCK_", "DB_")) or name in {"DATABASE_URL", "DIRECT_URL"}:
            monkeypatch.delenv(name)


def given(monkeypatch: pytest.MonkeyPatch, **environment: str) -> Settings:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return load()


def test_without_a_database_the_embedded_one_is_used() -> None:
    """And asking for its address before it runs says what to set."""
    settings = load()
    assert settings.uses_embedded_database
    with pytest.raises(ConfigurationError, match="DATABASE_URL"):
        _ = settings.pooled


def test_database_url(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pooled lane, and the direct one where no other is given."""
    settings = given(monkeypatch, DATABASE_URL="postgresql://ann:pw@db/freight")
    assert not settings.uses_embedded_database
    assert settings.pooled == settings.direct == Address("db", 5432, "ann", "freight", "pw")


def test_direct_url(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same server without its pooler."""
    settings = given(monkeypatch, DATABASE_URL="postgresql://pooler/freight", DIRECT_URL="postgresql://db/freight")
    assert (settings.pooled.host, settings.direct.host) == ("pooler", "db")


def test_both_urls_are_about_one_schema(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else the migrations would be of tables that nobody reads."""
    url = "postgresql://db/freight"
    with pytest.raises(ConfigurationError, match="DIRECT_URL is about the schema public, DATABASE_URL about goods"):
        _ = given(monkeypatch, DATABASE_URL=f"{url}?schema=goods", DIRECT_URL=url).direct
    with pytest.raises(ConfigurationError, match="DIRECT_URL is about the schema goods, DATABASE_URL about public"):
        _ = given(monkeypatch, DATABASE_URL=url, DIRECT_URL=f"{url}?schema=goods").direct
    with pytest.raises(ConfigurationError, match="CROSSDOCK_PLATFORM_URL is about the schema goods"):
        given(monkeypatch, DIRECT_URL=url, CROSSDOCK_PLATFORM_URL=f"{url}?schema=goods")
    monkeypatch.delenv("CROSSDOCK_PLATFORM_URL")
    assert given(monkeypatch, DATABASE_URL="", DIRECT_URL=f"{url}?schema=goods").direct.schema == "goods", "alone"


@pytest.mark.parametrize("variable", ["DATABASE_URL", "DIRECT_URL"])
def test_a_wrong_address_is_refused_with_the_settings(monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    """By its variable's name, when they are read: before a port is looked at or a connection tried."""
    urls = dict.fromkeys(("DATABASE_URL", "DIRECT_URL"), "postgresql://db/freight")
    with pytest.raises(ConfigurationError, match=f"{variable} cannot be read: sslmode=on is refused"):
        given(monkeypatch, **urls | {variable: "postgresql://db/freight?sslmode=on"})


def test_db_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each by itself, with a default for the others; the URL goes before them."""
    settings = given(monkeypatch, DB_HOST="db", DB_PORT="5433", DB_USER="ann", DB_PASSWORD="p/w@", DB_NAME="freight")
    assert settings.pooled == Address("db", 5433, "ann", "freight", "p/w@")
    assert not settings.uses_embedded_database
    assert given(monkeypatch, DATABASE_URL="postgresql://other/freight").pooled.host == "other"


def test_nested_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """`CROSSDOCK_TORTOISE_POOL__MAX_SIZE`; what was not set keeps its default."""
    settings = given(
        monkeypatch,
        CROSSDOCK_TORTOISE_POOL__MAX_SIZE="7",
        CROSSDOCK_LIMITS__LOCK_TIMEOUT_MS="50",
        CROSSDOCK_LOG__FORMAT="json",
    )
    assert (settings.tortoise_pool.max_size, settings.tortoise_pool.min_size) == (7, 5)
    assert settings.transaction_pool.max_size == 20
    assert settings.limits.lock_timeout_ms == 50
    assert settings.log.format == "json"


@pytest.mark.parametrize(("former", "field"), [("LEGACY_POOL", "tortoise_pool"), ("NEW_POOL", "transaction_pool")])
def test_a_former_name_is_read(monkeypatch: pytest.MonkeyPatch, former: str, field: str) -> None:
    """Release 0.1's name of a pool still sets it, nested and in JSON. With both names set, they have to agree."""
    current = f"CROSSDOCK_{field.upper()}__MAX_SIZE"
    assert getattr(given(monkeypatch, **{f"CROSSDOCK_{former}__MAX_SIZE": "7"}), field).max_size == 7
    assert getattr(given(monkeypatch, **{current: "7"}), field).max_size == 7
    with pytest.raises(ConfigurationError, match=f"CROSSDOCK_{former}__MAX_SIZE is the former name of {current}"):
        given(monkeypatch, **{current: "8"})
    monkeypatch.delenv(current)
    monkeypatch.delenv(f"CROSSDOCK_{former}__MAX_SIZE")
    assert getattr(given(monkeypatch, **{f"CROSSDOCK_{former}": '{"max_size": 6}'}), field).max_size == 6


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CROSSDOCK_WORKERS", "s3cret"),
        ("CROSSDOCK_TORTOISE_POOL__MAX_SIZE", "-7777"),
        ("DB_PORT", "s3cret"),
        ("CROSSDOCK_ENVIRONMENT", "s3cret"),
    ],
)
def test_a_wrong_value_is_named_and_not_shown(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    """One line with the variable's name; a value may be a secret that got into the wrong one."""
    with pytest.raises(ConfigurationError) as caught:
        given(monkeypatch, **{name: value})
    assert name.removeprefix("CROSSDOCK_") in str(caught.value)
    assert value not in str(caught.value)


UNKNOWN = {
    "CROSSDOCK_WORKER": "CROSSDOCK_WORKERS",
    "crossdock_Worker": "CROSSDOCK_WORKERS",
    "CROSSDOCK_TORTOISE_POOL__MAXSIZE": "CROSSDOCK_TORTOISE_POOL__MAX_SIZE",
    "CROSSDOCK_TORTOISE_POOL_MAX_SIZE": "CROSSDOCK_TORTOISE_POOL__MAX_SIZE",
    "CROSSDOCK_LEGACY_POOL__MAXSIZE": "CROSSDOCK_TORTOISE_POOL__MAX_SIZE",
    "CROSSDOCK_HTTP__REQUEST_TIMEOUT": "CROSSDOCK_HTTP__REQUEST_TIMEOUT_S",
    "CROSSDOCK_BIDS__AWARD_TTL": "CROSSDOCK_BIDS__AWARD_TTL_S",
    "CROSSDOCK_LEDGER_FEE_BASIS_POINTS": "CROSSDOCK_LEDGER__FEE_BASIS_POINTS",
    "CROSSDOCK_DATABASE_URL": None,
    "CROSSDOCK_XYZZY": None,
}


@pytest.mark.parametrize("name", UNKNOWN)
def test_a_variable_that_nothing_reads_is_refused(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Nested ones and those of modules too, with the nearest that there is, in whatever case."""
    with pytest.raises(ConfigurationError, match=f"There is no setting {name}") as caught:
        given(monkeypatch, **{name: "s3cret"})
    near = UNKNOWN[name]
    assert (f"Did you mean {near}?" if near else "running.md") in str(caught.value) or near is None
    assert "s3cret" not in str(caught.value)


def test_a_name_in_a_group_that_is_given_as_json_is_refused_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """A group may be one variable in JSON: what is in it counts as much."""
    assert given(monkeypatch, CROSSDOCK_TORTOISE_POOL='{"max_size": 7}').tortoise_pool.max_size == 7
    with pytest.raises(ConfigurationError, match="CROSSDOCK_TORTOISE_POOL__MAXSIZE"):
        given(monkeypatch, CROSSDOCK_TORTOISE_POOL='{"maxsize": 7}')


def test_what_the_tests_read_is_no_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    """CROSSDOCK_TEST_... is for the tests, and stops nobody."""
    assert given(monkeypatch, CROSSDOCK_TEST_DATABASE_URL="postgresql://db/freight").uses_embedded_database


@pytest.mark.parametrize("name", ["DB_SSLMODE", "DB_SSL", "DB_TLS", "DB_PASS", "DB_USERNAME", "DB_SCHEMA"])
def test_a_db_variable_that_nothing_reads_is_refused(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Where the database is given by DB_*: it would connect in plain text, or without a password. Beside a URL they
    are somebody else's."""
    with pytest.raises(ConfigurationError, match=f"{name} is not read: .*DATABASE_URL.*sslmode"):
        given(monkeypatch, DB_HOST="db", **{name: "require"})
    assert given(monkeypatch, DATABASE_URL="postgresql://other/freight").pooled.host == "other"


def test_several_hosts_by_db_host(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refused as in a URL."""
    with pytest.raises(ConfigurationError, match="DB_HOST cannot be read: it names several hosts"):
        _ = given(monkeypatch, DB_HOST="a,b").pooled


def test_a_wrong_value_of_a_module_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """As one of the library's is; an empty one counts as not set."""
    monkeypatch.setenv("CROSSDOCK_BIDS__AWARD_TTL_S", "")
    registry = Registry.discover(FREIGHT)
    assert [kind.award_ttl_s for kind in registry.settings().values() if hasattr(kind, "award_ttl_s")] == [3600]
    monkeypatch.setenv("CROSSDOCK_BIDS__AWARD_TTL_S", "s3cret")
    with pytest.raises(ConfigurationError, match="CROSSDOCK_BIDS__AWARD_TTL_S: ") as caught:
        registry.settings()
    assert "s3cret" not in str(caught.value)


Number = tuple[str, str, str, list[Any]]
"""A setting that is a number: the group that it is in, its own name, its variable, and its bounds."""


def numbers(kind: type[BaseModel], group: str = "", prefix: str = "CROSSDOCK_") -> Iterator[Number]:
    for name, field in kind.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from numbers(field.annotation, name, f"{prefix}{name.upper()}__")
        elif field.annotation in (int, float):
            alias = field.validation_alias
            yield group, name, alias if isinstance(alias, str) else f"{prefix}{name.upper()}", field.metadata


def all_numbers() -> list[Number]:
    modules = [module for module in Registry.discover(FREIGHT) if module.settings]
    own = [
        number
        for module in modules
        if module.settings
        for number in numbers(module.settings, module.name, f"CROSSDOCK_{module.name.upper()}__")
    ]
    return [*numbers(FreightSettings), *own]


@pytest.mark.parametrize("number", all_numbers(), ids=lambda number: number[2])
def test_every_limit_has_a_least_and_a_most(monkeypatch: pytest.MonkeyPatch, number: Number) -> None:
    """None is negative, infinite, or no number, and none is more than anything could stand."""
    _, _, variable, bounds = number
    least = [each.ge if isinstance(each, annotated_types.Ge) else each.gt for each in bounds if _is_least(each)]
    most = [each.le for each in bounds if isinstance(each, annotated_types.Le)]
    assert least and least[0] >= 0
    assert most and isfinite(most[0])
    for value in ("-1", "inf", "nan", "1e30", str(most[0] + 1)):
        monkeypatch.setenv(variable, value)
        with pytest.raises(ConfigurationError, match=variable):
            load()
            Registry.discover(FREIGHT).settings()


def _is_least(bound: object) -> bool:
    return isinstance(bound, annotated_types.Ge | annotated_types.Gt)


@pytest.mark.parametrize("number", [each for each in numbers(FreightSettings) if each[0]], ids=lambda number: number[2])
def test_one_of_a_group_leaves_the_others_at_their_defaults(monkeypatch: pytest.MonkeyPatch, number: Number) -> None:
    """Those of the documentation (another test compares them), and not those of the group's class."""
    group, name, variable, _ = number
    usual = getattr(load(), group).model_dump()
    # A pool keeps no more than it allows, so where it keeps all of them by default it is told to keep fewer.
    value = int(usual[name]) + (-1 if name == "min_size" and usual[name] == usual["max_size"] else 1)
    chosen = getattr(given(monkeypatch, **{variable: str(value)}), group).model_dump()
    assert chosen == usual | {name: value}


def test_the_direct_pool_of_one_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """It keeps one, as documented; with one allowed it used to keep five, and to start."""
    direct = given(monkeypatch, CROSSDOCK_DIRECT_POOL__MAX_SIZE="1").direct_pool
    assert (direct.min_size, direct.max_size) == (1, 1)


def test_no_pool_keeps_more_than_it_allows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Said aloud, it is refused; what is kept by default gives way to what is allowed."""
    pool = given(monkeypatch, CROSSDOCK_TRANSACTION_POOL__MAX_SIZE="2").transaction_pool
    assert (pool.min_size, pool.max_size) == (2, 2)
    with pytest.raises(ConfigurationError, match=r"CROSSDOCK_TRANSACTION_POOL: .*min_size is 3, above max_size, 2"):
        given(monkeypatch, CROSSDOCK_TRANSACTION_POOL__MIN_SIZE="3")
    with pytest.raises(ConfigurationError, match="min_size is 30, above max_size, 20"):
        given(monkeypatch, CROSSDOCK_TRANSACTION_POOL__MIN_SIZE="30", CROSSDOCK_TRANSACTION_POOL__MAX_SIZE="")


def test_secrets_are_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither the passwords nor the key that signs tokens, by str or repr."""
    settings = given(
        monkeypatch,
        DATABASE_URL="postgresql://ann:s3cret@db/freight",
        DIRECT_URL="postgresql://ann:s3cret@db/freight",
        DB_PASSWORD="s3cret",
        CROSSDOCK_AUTH__SECRET="s3cret",
    )
    assert "s3cret" not in f"{settings} {settings!r} {settings.pooled!r}"


def test_settings_do_not_change() -> None:
    """Nobody sets a global by accident."""
    settings = load()
    for changed in (settings, settings.tortoise_pool, settings.auth):
        with pytest.raises(Exception, match="frozen"):
            changed.workers = 2  # type: ignore[union-attr]


def test_another_database_after_the_first_was_asked_for() -> None:
    """The copy has the addresses that it was given, although the original had been asked for its own."""
    first = load(database_url="postgresql://db/first")
    assert first.pooled.database == first.direct.database == "first"
    second = first.with_database(first.pooled.with_database("second"))
    assert second.pooled.database == second.direct.database == "second"
    assert first.pooled.database == "first"


def test_the_limits_of_the_url_outlive_a_copy() -> None:
    """What `connection_limit` and `pool_timeout` said still holds on another database of the same server."""
    first = load(database_url="postgresql://db/first?connection_limit=3&pool_timeout=0.5")
    second = first.with_database(first.pooled.with_database("second"))
    sized = second.pool(second.transaction_pool)
    assert (sized.max_size, sized.min_size, sized.timeout_s) == (3, 3, 0.5)
    assert second.direct_pool_limited() == second.direct_pool, "the direct pool is no pool of that URL's"


def test_each_lane_has_the_limits_of_its_own_url(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of DIRECT_URL count for the direct pool, and those of DATABASE_URL for the two others."""
    url = "postgresql://db/freight?connection_limit="
    settings = given(monkeypatch, DATABASE_URL=f"{url}7&prepareThreshold=0", DIRECT_URL=f"{url}2&pool_timeout=9")
    assert [settings.pool(settings.transaction_pool).max_size, settings.pool(settings.tortoise_pool).max_size] == [7, 7]
    direct = settings.direct_pool_limited()
    assert (direct.max_size, direct.min_size, direct.timeout_s) == (2, 1, 9)
    assert (settings.prepares, settings.direct.needs_session, settings.pooled.needs_session) == (False, True, False)
    off = {"CROSSDOCK_PLATFORM_URL": f"{url}7&pgbouncer=true", "DATABASE_URL": f"{url}7"}
    assert not given(monkeypatch, **off).prepares
    monkeypatch.delenv("CROSSDOCK_PLATFORM_URL")
    monkeypatch.delenv("DIRECT_URL")
    alone = load()
    assert alone.direct_pool_limited() == alone.direct_pool
    assert (alone.direct.needs_session, alone.direct.variable) == (True, "DATABASE_URL")


OUT_OF_ORDER = {
    "a lock and its statement": (
        {"CROSSDOCK_LIMITS__LOCK_TIMEOUT_MS": "10000"},
        "CROSSDOCK_LIMITS__STATEMENT_TIMEOUT_MS is 10 s and has to be 10.1 s at least",
    ),
    "a statement and its request": (
        {"CROSSDOCK_LIMITS__STATEMENT_TIMEOUT_MS": "26000"},
        "CROSSDOCK_HTTP__REQUEST_TIMEOUT_S is 30 s and has to be 32 s at least",
    ),
    "a wait for a connection and its request": (
        {"CROSSDOCK_TRANSACTION_POOL__TIMEOUT_S": "30"},
        "over CROSSDOCK_TRANSACTION_POOL__TIMEOUT_S (30 s)",
    ),
    "a wait for a connection of the platform and its request": (
        {"CROSSDOCK_PLATFORM_POOL__TIMEOUT_S": "30"},
        "over CROSSDOCK_PLATFORM_POOL__TIMEOUT_S (30 s)",
    ),
    "a request and its transaction": (
        {"CROSSDOCK_LIMITS__IDLE_IN_TRANSACTION_TIMEOUT_MS": "30000"},
        "over CROSSDOCK_HTTP__REQUEST_TIMEOUT_S (30 s)",
    ),
    "a migration's lock and its statement": (
        {"CROSSDOCK_MIGRATIONS__LOCK_TIMEOUT_MS": "60000"},
        "CROSSDOCK_MIGRATIONS__STATEMENT_TIMEOUT_MS is 60 s",
    ),
}


@pytest.mark.parametrize("what", OUT_OF_ORDER)
def test_each_limit_is_over_what_lies_inside_of_it(monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    """Two that are equal would race, and the loser's error would be told: refused, with both names and what fits."""
    environment, words = OUT_OF_ORDER[what]
    with pytest.raises(ConfigurationError) as caught:
        given(monkeypatch, **environment)
    assert words in str(caught.value)


@pytest.mark.parametrize("name", ["pool_timeout", "connect_timeout"])
def test_the_urls_waits_are_limits_as_well(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """They go before the settings, so they are held against the request too."""
    settings = given(monkeypatch, DATABASE_URL=f"postgresql://db/first?{name}=30")
    with pytest.raises(ConfigurationError, match=f"{name} in DATABASE_URL"):
        settings.pool(settings.transaction_pool)
