"""Settings from the environment: the names that others set, what comes before what, and errors that name no value."""

import os

import pytest

from crossdock.kernel.address import Address
from crossdock.kernel.config import Settings, load
from crossdock.kernel.errors import ConfigurationError


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


def test_db_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each by itself, with a default for the others; the URL goes before them."""
    settings = given(monkeypatch, DB_HOST="db", DB_PORT="5433", DB_USER="ann", DB_PASSWORD="p/w@", DB_NAME="freight")
    assert settings.pooled == Address("db", 5433, "ann", "freight", "p/w@")
    assert not settings.uses_embedded_database
    assert given(monkeypatch, DATABASE_URL="postgresql://other/freight").pooled.host == "other"


def test_nested_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """`CROSSDOCK_LEGACY_POOL__MAX_SIZE`; what was not set keeps its default."""
    settings = given(
        monkeypatch,
        CROSSDOCK_LEGACY_POOL__MAX_SIZE="7",
        CROSSDOCK_LIMITS__LOCK_TIMEOUT_MS="50",
        CROSSDOCK_LOG__FORMAT="json",
    )
    assert (settings.legacy_pool.max_size, settings.legacy_pool.min_size) == (7, 5)
    assert settings.new_pool.max_size == 20
    assert settings.limits.lock_timeout_ms == 50
    assert settings.log.format == "json"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CROSSDOCK_WORKERS", "s3cret"),
        ("CROSSDOCK_LEGACY_POOL__MAX_SIZE", "-7777"),
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
    for changed in (settings, settings.legacy_pool, settings.auth):
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
    sized = second.pool(second.new_pool)
    assert (sized.max_size, sized.min_size, sized.timeout_s) == (3, 3, 0.5)


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
        {"CROSSDOCK_NEW_POOL__TIMEOUT_S": "30"},
        "over CROSSDOCK_NEW_POOL__TIMEOUT_S (30 s)",
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


def test_the_urls_wait_is_a_limit_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    """`pool_timeout` goes before the setting, so it is held against the request too."""
    settings = given(monkeypatch, DATABASE_URL="postgresql://db/first?pool_timeout=30")
    with pytest.raises(ConfigurationError, match="pool_timeout in DATABASE_URL"):
        settings.pool(settings.new_pool)
