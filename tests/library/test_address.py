"""Where a database is: URLs as people write them, an address back from its own URL, and no password shown."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.address import Address
from crossdock.address.parameters import FOR_THE_DRIVER, PARAMETERS
from crossdock.errors import ConfigurationError

SECRET = "s3cr/t?#@ü:%"
NAMES = st.text(min_size=1, max_size=20).filter(lambda name: name.isprintable())
HOSTS = st.one_of(
    st.from_regex(r"[a-z][a-z0-9.-]{0,20}", fullmatch=True),
    st.ip_addresses().map(str),
    st.text("abcDE /.&=?+ü", max_size=15).map("/a,{}".format).filter(lambda path: ",/" not in path),
)
ADDRESSES = st.builds(
    Address,
    host=HOSTS,
    port=st.integers(1, 65_535),
    user=NAMES,
    database=NAMES,
    password=st.none() | NAMES,
    schema=st.from_regex(r"[a-z][a-z0-9_]{0,20}", fullmatch=True),
    connection_limit=st.none() | st.integers(1, 1000),
    pool_timeout_s=st.none() | st.floats(0.001, 1000),
    connect_timeout_s=st.none() | st.floats(0.001, 1000),
    application_name=st.none() | NAMES,
    prepared_statements=st.booleans(),
)


@given(ADDRESSES)
def test_an_address_is_read_back_from_its_url(address: Address) -> None:
    """Whatever characters are in it: the URL of an address, parsed, is the address."""
    assert Address.parse(address.url) == address


FULL = "&".join(
    (
        "sslmode=verify-full&sslrootcert=/etc/a b+c.pem&sslcert=/c&sslkey=/k&sslpassword=p%26w&sslcrl=/r",
        "ssl_min_protocol_version=TLSv1.3&ssl_max_protocol_version=TLSv1.3&sslnegotiation=direct&passfile=/p",
        "krbsrvname=pg&gsslib=gssapi&options=-c%20jit=off&target_session_attrs=read-write",
    )
)


def test_what_the_driver_reads_comes_through_whole() -> None:
    """All of it, to the driver's arguments and through the URL that a worker gets, with blanks, + and & in it."""
    address = Address.parse(f"postgresql://db/freight?{FULL}")
    assert [name for name, _ in address.driver] == list(FOR_THE_DRIVER)
    assert dict(address.driver)["sslrootcert"] == "/etc/a b+c.pem"
    assert dict(address.driver)["sslpassword"] == "p&w"
    assert Address.parse(address.url) == address


HOST = ("db.example", 5432)
FORMS = {
    "postgresql://ann:pw@db.example:5433/freight": Address("db.example", 5433, "ann", "freight", "pw"),
    "postgres://ann@db.example/freight": Address(*HOST, "ann", "freight"),
    "postgresql+asyncpg://db.example/freight": Address(*HOST, "postgres", "freight"),
    "asyncpg://ann:p%40ss%2Fw@db.example/freight": Address(*HOST, "ann", "freight", "p@ss/w"),
    "postgresql://ann:p@ss@db.example/freight": Address(*HOST, "ann", "freight", "p@ss"),
    "postgresql:///freight?host=/run/postgresql&user=ann": Address("/run/postgresql", 5432, "ann", "freight"),
    "postgresql:///freight?host=/run/postgresql&port=5433": Address("/run/postgresql", 5433, "postgres", "freight"),
    "postgresql://%2Frun%2FPostgreSQL:5433/freight": Address("/run/PostgreSQL", 5433, "postgres", "freight"),
    "postgresql://[::1]:5433/freight": Address("::1", 5433, "postgres", "freight"),
    "postgresql://[2001:db8::1]/freight": Address("2001:db8::1", 5432, "postgres", "freight"),
    "postgresql:///?host=db.example&dbname=freight&user=ann&password=a+b%20c": Address(
        *HOST, "ann", "freight", "a+b c"
    ),
    "postgresql:///freight": Address("localhost", 5432, "postgres", "freight"),
    # SQLAlchemy with asyncpg, Heroku, JDBC
    "postgresql+asyncpg://ann:pw@db.example/freight?ssl=require": Address(*HOST, "ann", "freight", "pw", ssl="require"),
    "postgres://ann:pw@db.example:5432/freight?ssl=true": Address(*HOST, "ann", "freight", "pw", ssl="require"),
    "postgresql+asyncpg://db.example/freight?prepared_statement_cache_size=0": Address(
        *HOST, "postgres", "freight", prepared_statements=False
    ),
    "postgresql://db.example/freight?prepareThreshold=0": Address(
        *HOST, "postgres", "freight", prepared_statements=False
    ),
    # Prisma, by TCP and by Cloud SQL's socket
    "postgresql://ann:pw@db.example:5432/freight?schema=goods&connection_limit=20&pool_timeout=20&connect_timeout=7": (
        Address(*HOST, "ann", "freight", "pw", "goods", 20, 20.0, connect_timeout_s=7.0)
    ),
    "postgresql://ann:pw@localhost/freight?host=/cloudsql/acme:eu:main": Address(
        "/cloudsql/acme:eu:main", 5432, "ann", "freight", "pw"
    ),
    # Supabase: its pooler, and its database
    "postgresql://postgres.abc:pw@aws-0-eu.pooler.supabase.example:6543/postgres?pgbouncer=true&connection_limit=1": (
        Address(
            "aws-0-eu.pooler.supabase.example",
            6543,
            "postgres.abc",
            "postgres",
            "pw",
            connection_limit=1,
            prepared_statements=False,
        )
    ),
    "postgresql://postgres:pw@db.abc.supabase.example:5432/postgres?sslmode=require": Address(
        "db.abc.supabase.example", 5432, "postgres", "postgres", "pw", ssl="require"
    ),
    # Neon, with the channel left to TLS
    "postgresql://ann:pw@ep-1-pooler.eu.neon.example/freight?sslmode=verify-full&sslrootcert=system": Address(
        "ep-1-pooler.eu.neon.example",
        5432,
        "ann",
        "freight",
        "pw",
        ssl="verify-full",
        driver=(("sslrootcert", "system"),),
    ),
    "postgresql://ann:pw@ep-1.neon.example/freight?sslmode=require&channel_binding=prefer&options=endpoint%3Dep-1": (
        Address(
            "ep-1.neon.example", 5432, "ann", "freight", "pw", ssl="require", driver=(("options", "endpoint=ep-1"),)
        )
    ),
    # RDS
    "postgresql://ann:pw@x.rds.example:5432/freight?sslmode=verify-full&sslrootcert=/etc/global-bundle.pem": Address(
        "x.rds.example",
        5432,
        "ann",
        "freight",
        "pw",
        ssl="verify-full",
        driver=(("sslrootcert", "/etc/global-bundle.pem"),),
    ),
    # libpq, with what asks for what is so anyway
    "postgresql://db.example/freight?application_name=billing&gssencmode=disable&client_encoding=utf8&sslmode=prefer": (
        Address(*HOST, "postgres", "freight", ssl="prefer", application_name="billing")
    ),
}


@pytest.mark.parametrize("url", FORMS)
def test_the_forms_that_people_write(url: str) -> None:
    """Those of libpq, SQLAlchemy, JDBC, Prisma, Supabase, Neon, RDS and Heroku, which mean the same here as there."""
    assert Address.parse(url) == FORMS[url]


REFUSED = {
    "mysql://db/freight": "should begin with postgresql://",
    "freight": "should begin with postgresql://",
    '"postgresql://db/freight"': "without quotes around it",
    "jdbc:postgresql://db/freight": "should begin with postgresql://",
    "postgresql://db": "names no database",
    "postgresql://db/freight#main": "not percent-encoded",
    "postgresql://db/freight?connection_limit=0": "connection_limit is not a number above zero",
    "postgresql://db/freight?connection_limit=many": "connection_limit is not a number above zero",
    "postgresql://db/freight?pool_timeout=nan": "pool_timeout is not a number above zero",
    "postgresql://db/freight?pool_timeout=inf": "pool_timeout is not a number above zero",
    "postgresql://db/freight?connect_timeout=0": "connect_timeout is not a number above zero",
    "postgresql://db/freight?schema=a;drop": "not a plain schema name",
    "postgresql://db/freight?schema=1st": "not a plain schema name",
    "postgresql://db/freight?schema=Goods": "not a plain schema name",
    "postgresql://db:port/freight": "the port is not a number",
    "postgresql://db:99999/freight": "the port is not a number",
    "postgresql://db:0/freight": "from 1 to 65535",
    "postgresql:///freight?host=/run&port=x": "from 1 to 65535",
    "postgresql://[::1/freight": "cannot be read",
    # several of what there is one of
    "postgresql://a:5432,b:5433/freight": "several hosts",
    "postgresql://[::1]:5432,[::2]/freight": "several hosts",
    "postgresql:///freight?host=a,b": "several hosts",
    "postgresql:///freight?host=/a,/b": "several hosts",
    "postgresql+asyncpg:///freight?host=a:5432&host=b:5432": "two hosts",
    "postgresql://a/freight?host=b": "host is written twice",
    "postgresql://ann@db/freight?user=bob": "user is written twice",
    "postgresql://db/freight?sslmode=require&sslmode=disable": "sslmode is written twice",
    # safety that would not be had
    "postgresql://db/freight?sslmode=require&ssl=false": "contradict each other",
    "postgresql://db/freight?sslmode=Require": "sslmode=Require is refused",
    "postgresql://db/freight?sslmode=no-verify": "sslmode=no-verify is refused",
    "postgresql://db/freight?ssl=1": "ssl=1 is refused",
    "postgresql://db/freight?sslmode=": "sslmode is empty",
    "postgresql://db/freight?sslmode": "sslmode is empty",
    "postgresql://db/freight?sslrootcert=/ca.pem": "only where TLS is sure: write sslmode=verify-full",
    "postgresql://db/freight?sslmode=prefer&sslcert=/c.pem": "sslcert counts only where TLS is sure",
    "postgresql://db/freight?sslmode=require&sslrootcert=system": "goes with sslmode=verify-full",
    "postgresql://db/freight?sslrootcert=system&sslcrl=/r": "and with no other certificate",
    "postgresql:///freight?host=/run&sslmode=require": "no TLS on a Unix socket",
    "postgresql://db/freight?sslmode=require&channel_binding=require": "sslmode=verify-full&sslrootcert=system",
    "postgresql://db/freight?gssencmode=require": "write sslmode=verify-full",
    # what there is another way for
    "postgresql://db/freight?options=-c%20search_path%3Dgoods": "write schema=NAME",
    "postgresql://db/freight?options=-csearch_path%3Dgoods": "write schema=NAME",
    "postgresql://db/freight?service=main": "write the host, the user and the database of that service",
    "postgresql://db/freight?target_session_attrs=standby": "take read-write",
    "postgresql://db/freight?statement_cache_size=100": "write 0 to turn prepared statements off",
    "postgresql://db/freight?statement_timeout=5": "options=-c%20NAME=VALUE",
    "postgresql://db/freight?ssl_mode=require": "the nearest is sslmode",
    "postgresql://db/freight?sslaccept=strict": "it is Prisma's: write sslmode=verify-full",
    f"postgresql://db/freight?application_name={'x' * 49}": "application_name is longer than 48",
}


@pytest.mark.parametrize("url", REFUSED)
def test_what_is_wrong_with_a_url_is_said(url: str) -> None:
    """In one line, as a wrong setting, with what to write instead."""
    with pytest.raises(ConfigurationError) as caught:
        Address.parse(url)
    assert REFUSED[url] in str(caught.value)
    assert "\n" not in str(caught.value)


ALWAYS_REFUSED = [name for name, parameter in PARAMETERS.items() if not parameter.meaning]
LIMITED = [name for name, parameter in PARAMETERS.items() if parameter.values]


@pytest.mark.parametrize("name", ALWAYS_REFUSED + LIMITED)
def test_what_is_refused_is_refused_by_its_name(name: str) -> None:
    """Each parameter of the table that no value, or not any value, is taken of."""
    with pytest.raises(ConfigurationError, match=rf"\b{name}\b.* refused"):
        Address.parse(f"postgresql://db/freight?{name}=a-strange-one")


TAKEN = [name for name, parameter in PARAMETERS.items() if parameter.meaning and not parameter.values]
VALUES = {
    "host": "/run",
    "port": "5433",
    "user": "ann",
    "password": "pw",
    "dbname": "other",
    "connection_limit": "3",
    "pool_timeout": "3",
    "connect_timeout": "3",
    "schema": "goods",
}
CHANGING = [
    ("sslmode", "require"),
    ("ssl", "require"),
    ("sslnegotiation", "direct"),
    ("target_session_attrs", "read-write"),
    ("pgbouncer", "true"),
    ("prepared_statements", "false"),
    ("statement_cache_size", "0"),
    ("prepared_statement_cache_size", "0"),
    ("prepareThreshold", "0"),
]


@pytest.mark.parametrize(("name", "value"), [*((name, VALUES.get(name, "x")) for name in TAKEN), *CHANGING])
def test_what_is_taken_changes_the_address(name: str, value: str) -> None:
    """A parameter that is not refused is somewhere in the address: none is passed over."""
    start = "postgresql://localhost/freight?" if name != "dbname" else "postgresql://localhost/?"
    if name in {"sslrootcert", "sslcert", "sslkey", "sslpassword", "sslcrl", "sslnegotiation"} or "protocol" in name:
        start += "sslmode=verify-full&"
    plain = Address("localhost", 5432, "postgres", "freight")
    assert Address.parse(f"{start}{name}={value}") not in (plain, replace(plain, ssl="verify-full"))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    """Before the driver looks for it, with the parameter and the variable."""
    address = Address.parse(f"postgresql://db/freight?sslmode=require&sslrootcert={tmp_path}/ca.pem", "DATABASE_URL")
    with pytest.raises(ConfigurationError, match=r"DATABASE_URL: its sslrootcert is .*/ca.pem, which is not there"):
        address.asyncpg()
    (tmp_path / "ca.pem").touch()
    assert address.asyncpg()["ssl"] == "require"


def test_the_password_is_shown_nowhere() -> None:
    """Neither by str nor by repr; only the URL and the driver's arguments have it."""
    address = Address("db", 5432, "ann", "freight", SECRET, driver=(("sslpassword", SECRET),))
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
