"""Where a database is: URLs as people write them, an address back from its own URL, and no password shown."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.kernel.address import Address
from crossdock.kernel.errors import ConfigurationError

SECRET = "s3cr/t?#@ü:%"
NAMES = st.text(min_size=1, max_size=20).filter(lambda name: name.isprintable())
HOSTS = st.one_of(
    st.from_regex(r"[a-z][a-z0-9.-]{0,20}", fullmatch=True),
    st.ip_addresses().map(str),
    st.text("abc /.&=?+ü", max_size=15).map("/{}".format),
)
ADDRESSES = st.builds(
    Address,
    host=HOSTS,
    port=st.integers(1, 65_535),
    user=NAMES,
    database=NAMES.filter(lambda name: not name.startswith("/")),
    password=st.none() | NAMES,
    schema=st.from_regex(r"[a-z][a-z0-9_]{0,20}", fullmatch=True),
    connection_limit=st.none() | st.integers(1, 1000),
    pool_timeout_s=st.none() | st.floats(0.001, 1000),
    ssl=st.none() | st.sampled_from(["disable", "require", "verify-full"]),
)


@given(ADDRESSES)
def test_an_address_is_read_back_from_its_url(address: Address) -> None:
    """Whatever characters are in it: the URL of an address, parsed, is the address."""
    assert Address.parse(address.url) == address


FORMS = {
    "postgresql://ann:pw@db.example:5433/freight": Address("db.example", 5433, "ann", "freight", "pw"),
    "postgres://ann@db.example/freight": Address("db.example", 5432, "ann", "freight"),
    "postgresql+asyncpg://db.example/freight": Address("db.example", 5432, "postgres", "freight"),
    "asyncpg://ann:p%40ss%2Fw@db.example/freight": Address("db.example", 5432, "ann", "freight", "p@ss/w"),
    "postgresql:///freight?host=/run/postgresql&user=ann": Address("/run/postgresql", 5432, "ann", "freight"),
    "postgresql:///freight?host=/run/postgresql&port=5433": Address("/run/postgresql", 5433, "postgres", "freight"),
    "postgresql://[::1]:5433/freight": Address("::1", 5433, "postgres", "freight"),
    "postgresql://ann:pw@db:5432/freight?schema=public&connection_limit=20&pool_timeout=20": Address(
        "db", 5432, "ann", "freight", "pw", "public", 20, 20.0
    ),
    "postgresql://db/freight?sslmode=require&schema=goods&pgbouncer=true": Address(
        "db", 5432, "postgres", "freight", schema="goods", ssl="require"
    ),
}


@pytest.mark.parametrize("url", FORMS)
def test_the_forms_that_people_write(url: str) -> None:
    """Schemes, sockets, IPv6, percent-encoding, the limits of the URL; options of other programs are passed over."""
    assert Address.parse(url) == FORMS[url]


REFUSED = {
    "mysql://db/freight": "should begin with postgresql://",
    "freight": "should begin with postgresql://",
    "postgresql://db": "names no database",
    "postgresql://db/freight?connection_limit=0": "connection_limit is not a number above zero",
    "postgresql://db/freight?connection_limit=many": "connection_limit is not a number above zero",
    "postgresql://db/freight?pool_timeout=nan": "pool_timeout is not a number above zero",
    "postgresql://db/freight?pool_timeout=inf": "pool_timeout is not a number above zero",
    "postgresql://db/freight?schema=a;drop": "not a plain schema name",
    "postgresql://db/freight?schema=1st": "not a plain schema name",
    "postgresql://db/freight?schema=Goods": "not a plain schema name",
    "postgresql://db:port/freight": "the port is not a number",
    "postgresql://db:99999/freight": "the port is not a number",
    "postgresql://[::1/freight": "cannot be read",
}


@pytest.mark.parametrize("url", REFUSED)
def test_what_is_wrong_with_a_url_is_said(url: str) -> None:
    """In one line, as a wrong setting."""
    with pytest.raises(ConfigurationError) as caught:
        Address.parse(url)
    assert REFUSED[url] in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_password_is_shown_nowhere() -> None:
    """Neither by str nor by repr; only the URL and the driver's arguments have it."""
    address = Address("db", 5432, "ann", "freight", SECRET)
    assert SECRET not in f"{address} {address!r} {[address]}"
    assert str(address) == "ann@db:5432/freight"
    assert str(replace(address, host="/run")) == "ann@/run/freight"
    assert str(replace(address, host="::1")) == "ann@[::1]:5432/freight"
    assert address.asyncpg()["password"] == SECRET


@pytest.mark.parametrize("password", ["secret/word", "12/word", "secret?word", "12?word", "secret#word", "12#word"])
def test_a_password_that_was_not_encoded_is_not_shown_either(password: str) -> None:
    """Half of it looks like a port or a database then: the message tells what to do, and no part of it."""
    with pytest.raises(ConfigurationError, match="percent-encoded") as caught:
        Address.parse(f"postgresql://ann:{password}@db/freight")
    assert not {"secret", "word", "12"} & set(str(caught.value).replace("/", " ").split())
    assert "word" not in str(caught.value).replace("password", "")


def test_another_database_and_another_user() -> None:
    """The rest stays; a password belongs to its user."""
    address = Address("db", 5432, "ann", "freight", "pw", "goods")
    assert address.with_database("test") == Address("db", 5432, "ann", "test", "pw", "goods")
    assert address.with_user("bob") == Address("db", 5432, "bob", "freight", None, "goods")
