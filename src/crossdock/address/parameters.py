"""The parameters behind the `?` of an address. None is ignored: each is honoured, or refused with what to write
instead. docs/operations/running.md has the same table, and a test compares them.
"""

from dataclasses import dataclass

MODES = ("disable", "allow", "prefer", "require", "verify-ca", "verify-full")
"""libpq's `sslmode`, the least safe first."""
SAFE_MODES = MODES[3:]
"""Those that never go on in plain text."""
SSL = {"true": "require", "false": "disable"} | {mode: mode for mode in MODES}
"""SQLAlchemy's and asyncpg's `ssl=`, and libpq's reading of JDBC's `ssl=true`."""

SYSTEM = "system"
"""libpq's word for the certificates that the system trusts."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """`meaning` is what becomes of it, empty where it is always refused. `values` are those that are taken, any where
    there are none. `remedy` is what to write where it is refused."""

    meaning: str = ""
    values: tuple[str, ...] = ()
    remedy: str = ""

    def __str__(self) -> str:
        """As the documentation has it."""
        if not self.meaning:
            return f"refused: {self.remedy}"
        taken = f"{', '.join(f'`{value}`' for value in self.values)}: {self.meaning}" if self.values else self.meaning
        return f"{taken}. Others are refused: {self.remedy}" if self.remedy else taken


def _refused(remedy: str) -> Parameter:
    return Parameter(remedy=remedy)


def _only(*values: str, meaning: str, remedy: str) -> Parameter:
    return Parameter(meaning, values, remedy)


NO_PREPARED = "prepared statements are off, as by `CROSSDOCK_PREPARED_STATEMENTS=false`"
NO_SIZE = "Crossdock sizes its caches itself; leave it out, or write 0 to turn prepared statements off"
NO_KEEPALIVE = "the server looks after its connections: write `options=-c%20tcp_keepalives_idle=30`"
POOL_SIZE = (
    "write `connection_limit`, or set `CROSSDOCK_TRANSACTION_POOL__MAX_SIZE` and `CROSSDOCK_TORTOISE_POOL__MAX_SIZE`"
)
SCHEMA = "write `schema=`"
BY_DRIVER = "as libpq understands it, with a `sslmode` of `require` or safer"

PARAMETERS: dict[str, Parameter] = {
    # Where and who
    "host": Parameter("one host, or the folder of a Unix socket"),
    "port": Parameter("its port"),
    "user": Parameter("who signs in"),
    "password": Parameter("the password"),
    "dbname": Parameter("the database"),
    "passfile": Parameter("the file to look the password up in, as libpq does"),
    "hostaddr": _refused("write the address as the host"),
    "service": _refused("write the host, the user and the database of that service into the URL"),
    "servicefile": _refused("write the host, the user and the database of that service into the URL"),
    # TLS
    "sslmode": _only(
        *MODES, meaning="as libpq understands it, `prefer` where none is written", remedy="take one of these"
    ),
    "ssl": _only(
        *SSL,
        meaning="another name of `sslmode`; `true` is `require`, `false` is `disable`",
        remedy="take one of these",
    ),
    "sslrootcert": Parameter(f"{BY_DRIVER}; `{SYSTEM}` is the system's own, and means `sslmode=verify-full`"),
    "sslcert": Parameter(BY_DRIVER),
    "sslkey": Parameter(BY_DRIVER),
    "sslpassword": Parameter(BY_DRIVER),
    "sslcrl": Parameter(BY_DRIVER),
    "ssl_min_protocol_version": Parameter(BY_DRIVER),
    "ssl_max_protocol_version": Parameter(BY_DRIVER),
    "sslnegotiation": _only("postgres", "direct", meaning=BY_DRIVER, remedy="take one of these"),
    "sslcrldir": _refused("write `sslcrl` with one file"),
    "sslcertmode": _refused("leave it out: `sslcert` is sent where the server asks for it"),
    "sslcompression": _only("0", meaning="there is none", remedy="TLS does not compress any more"),
    "sslsni": _only("1", meaning="so it is", remedy="the driver always sends the name of the host"),
    "sslaccept": _refused("it is Prisma's: write `sslmode=verify-full`, and Prisma's `sslcert` as `sslrootcert`"),
    "sslidentity": _refused("it is Prisma's: write the certificate as `sslcert` and its key as `sslkey`, both PEM"),
    "requiressl": _refused("write `sslmode=require`"),
    # Signing in
    "channel_binding": _only(
        "disable",
        "prefer",
        meaning="the driver binds no channel, which both allow",
        remedy="the driver cannot bind the channel: write `sslmode=verify-full&sslrootcert=system` instead, which"
        " keeps out whoever is in the middle as well",
    ),
    "gssencmode": _only(
        "disable",
        "prefer",
        meaning="the driver encrypts by TLS alone, which both allow",
        remedy="the driver cannot encrypt by GSSAPI: write `sslmode=verify-full`",
    ),
    "krbsrvname": Parameter("as libpq understands it"),
    "gsslib": Parameter("as libpq understands it"),
    "gssdelegation": _refused("the driver hands on no credentials: leave it out"),
    "require_auth": _refused("the driver cannot promise it: write `sslmode=verify-full`, and set pg_hba.conf"),
    "requirepeer": _refused("the driver cannot ask who owns a socket: keep its folder to yourself"),
    # The connection
    "connect_timeout": Parameter("seconds that connecting may take, above zero"),
    "application_name": Parameter("the name that the pools carry: `NAME transactions`; migrations keep their own"),
    "fallback_application_name": _refused("write `application_name`"),
    "options": Parameter("settings for each session, as in `-c%20jit=off`; a pooler may refuse them"),
    "target_session_attrs": _only(
        "any",
        "read-write",
        "primary",
        meaning="as libpq understands it",
        remedy="the service writes: take `read-write`",
    ),
    "load_balance_hosts": _only("disable", meaning="there is one host", remedy="there is one host: leave it out"),
    "client_encoding": _only("utf8", "UTF8", "auto", meaning="it is UTF-8", remedy="the service speaks UTF-8 only"),
    "replication": _refused("the service takes no replication stream: leave it out"),
    "keepalives": _refused(NO_KEEPALIVE),
    "keepalives_idle": _refused(NO_KEEPALIVE),
    "keepalives_interval": _refused(NO_KEEPALIVE),
    "keepalives_count": _refused(NO_KEEPALIVE),
    "tcp_user_timeout": _refused("write `options=-c%20tcp_user_timeout=30000`"),
    "socket_timeout": _refused("set `CROSSDOCK_LIMITS__STATEMENT_TIMEOUT_MS`"),
    "search_path": _refused(SCHEMA),
    "currentSchema": _refused(SCHEMA),
    "schema": Parameter("where the tables are: one name in small letters, `public` where none is written"),
    # Pools and poolers
    "connection_limit": Parameter("the size of each pool of that lane"),
    "pool_timeout": Parameter("seconds that a caller waits for a connection, above zero"),
    "pool_size": _refused(POOL_SIZE),
    "pool": _refused(POOL_SIZE),
    "max_overflow": _refused(POOL_SIZE),
    "min_size": _refused("set `CROSSDOCK_TRANSACTION_POOL__MIN_SIZE` and `CROSSDOCK_TORTOISE_POOL__MIN_SIZE`"),
    "max_size": _refused(POOL_SIZE),
    "pgbouncer": _only("true", "false", meaning=f"`true`: {NO_PREPARED}", remedy="take one of these"),
    "prepared_statements": _only("true", "false", meaning=f"`false`: {NO_PREPARED}", remedy="take one of these"),
    "statement_cache_size": _only("0", meaning=NO_PREPARED, remedy=NO_SIZE),
    "prepared_statement_cache_size": _only("0", meaning=NO_PREPARED, remedy=NO_SIZE),
    "prepareThreshold": _only("0", meaning=NO_PREPARED, remedy=NO_SIZE),
}
"""Parameter → what becomes of it. Those of libpq, Prisma, SQLAlchemy with asyncpg, and JDBC that people write."""

CERTIFICATES = (
    "sslrootcert",
    "sslcert",
    "sslkey",
    "sslpassword",
    "sslcrl",
    "ssl_min_protocol_version",
    "ssl_max_protocol_version",
    "sslnegotiation",
)
"""They say how TLS is done, and so count only where it is."""
FILES = ("sslrootcert", "sslcert", "sslkey", "sslcrl", "passfile")
FOR_THE_DRIVER = (*CERTIFICATES, "passfile", "krbsrvname", "gsslib", "options", "target_session_attrs")
"""What asyncpg's own reading of a URL takes care of, as it stands."""
WITHOUT_PREPARED = {
    ("pgbouncer", "true"),
    ("prepared_statements", "false"),
    ("statement_cache_size", "0"),
    ("prepared_statement_cache_size", "0"),
    ("prepareThreshold", "0"),
}
