"""How safe a connection is: never less than what the address says, whichever word says it. The handshake is real, and
so is the PostgreSQL behind it; the proxy between them counts who came by TLS and who in plain text."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import text

from crossdock.address import Address
from crossdock.config.settings import Settings
from crossdock.driver.connection import connect
from crossdock.errors import CrossdockError, DatabaseUnavailable
from crossdock.migrations.run.runner import Runner
from crossdock.registry import Registry
from crossdock.transaction import Database
from tests.library.certificates import Certificates, TlsProxy
from tests.library.scene import PLATFORM


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    return Certificates.made_in(tmp_path_factory.mktemp("a folder with blanks"))


@dataclass
class Servers:
    """The same PostgreSQL with TLS, without, and with TLS for those who have a certificate."""

    safe: TlsProxy
    plain: TlsProxy
    strict: TlsProxy

    def counted(self) -> dict[str, tuple[int, int]]:
        return {name: (proxy.safe, proxy.plain) for name, proxy in vars(self).items()}


@pytest.fixture
async def servers(settings: Settings, certificates: Certificates) -> AsyncIterator[Servers]:
    target = settings.pooled
    async with (
        TlsProxy(target, certificates.server()) as safe,
        TlsProxy(target, None) as plain,
        TlsProxy(target, certificates.server(asks_for_client=True)) as strict,
    ):
        yield Servers(safe, plain, strict)


def address(proxy: TlsProxy, parameters: str, certificates: Certificates, host: str = "localhost") -> Address:
    """`{ca}`, `{stranger}`, `{cert}` and `{key}` are files."""
    files = {
        "ca": certificates.authority,
        "stranger": certificates.stranger,
        "cert": certificates.of("client")[0],
        "key": certificates.of("client")[1],
    }
    to = proxy.address
    written = parameters.format(**files).replace(" ", "%20")
    return Address.parse(f"postgresql://{to.user}@{host}:{to.port}/{to.database}?{written}", "DATABASE_URL")


SAFE = [
    "sslmode=require",
    "ssl=require",
    "ssl=true",
    "sslmode=verify-ca&sslrootcert={ca}",
    "sslmode=verify-full&sslrootcert={ca}",
    "ssl=verify-full&sslrootcert={ca}",
    "sslmode=require&sslrootcert={ca}",
    "sslmode=require&ssl_min_protocol_version=TLSv1.3",
]


@pytest.mark.parametrize("parameters", [*SAFE, "sslmode=prefer", "application_name=none-of-it"])
async def test_with_a_server_that_has_tls(servers: Servers, certificates: Certificates, parameters: str) -> None:
    """It is used, also where it is only preferred, which is so where nothing is written."""
    await (await connect(address(servers.safe, parameters, certificates))).close()
    assert (servers.safe.safe, servers.safe.plain) == (1, 0)


@pytest.mark.parametrize("parameters", SAFE)
async def test_with_a_server_that_has_none(servers: Servers, certificates: Certificates, parameters: str) -> None:
    """No client goes on in plain text, and the message names the variable."""
    with pytest.raises(DatabaseUnavailable, match=r"no safe connection to .* as DATABASE_URL asks for: .*rejected SSL"):
        await connect(address(servers.plain, parameters, certificates))
    assert servers.plain.plain == 0


@pytest.mark.parametrize("parameters", ["sslmode=disable", "ssl=false", "sslmode=allow", "sslmode=prefer"])
async def test_plain_text_where_it_may_be(servers: Servers, certificates: Certificates, parameters: str) -> None:
    """Where the server has no TLS, and the address says that this is well."""
    await (await connect(address(servers.plain, parameters, certificates))).close()
    assert (servers.plain.safe, servers.plain.plain) == (0, 1)


WRONG = {
    "sslmode=verify-ca&sslrootcert={stranger}": "certificate verify failed",
    "sslmode=verify-full&sslrootcert={stranger}": "certificate verify failed",
    "sslmode=require&sslrootcert={stranger}": "certificate verify failed",
    "sslrootcert=system": "certificate verify failed",
}


@pytest.mark.parametrize("parameters", WRONG)
async def test_a_server_that_nobody_vouches_for(servers: Servers, certificates: Certificates, parameters: str) -> None:
    """Refused, and told as what it is: not as a server that does not run."""
    with pytest.raises(DatabaseUnavailable, match=rf"no safe connection.*{WRONG[parameters]}") as caught:
        await connect(address(servers.safe, parameters, certificates))
    assert "Is PostgreSQL running" not in str(caught.value)
    assert (servers.safe.safe, servers.safe.plain) == (0, 0)


async def test_a_server_of_another_name(servers: Servers, certificates: Certificates) -> None:
    """`verify-full` asks for the name in the certificate, `verify-ca` does not."""
    full, ca = "sslmode=verify-full&sslrootcert={ca}", "sslmode=verify-ca&sslrootcert={ca}"
    with pytest.raises(DatabaseUnavailable, match="IP address mismatch"):
        await connect(address(servers.safe, full, certificates, "127.0.0.1"))
    await (await connect(address(servers.safe, ca, certificates, "127.0.0.1"))).close()


async def test_a_certificate_of_ones_own(servers: Servers, certificates: Certificates) -> None:
    """Sent to the server that asks for it; without it there is no connection."""
    await (await connect(address(servers.strict, "sslmode=require&sslcert={cert}&sslkey={key}", certificates))).close()
    assert servers.strict.safe == 1
    with pytest.raises(DatabaseUnavailable):
        await connect(address(servers.strict, "sslmode=require", certificates))


async def test_no_certificates_to_believe(
    servers: Servers, certificates: Certificates, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """`verify-full` alone, and no file where libpq looks for one: said with the file, and no connection is made."""
    monkeypatch.setenv("HOME", str(tmp_path))
    with pytest.raises(CrossdockError, match=r"DATABASE_URL cannot be used: root certificate file .*root\.crt"):
        await connect(address(servers.safe, "sslmode=verify-full", certificates))
    assert (servers.safe.safe, servers.safe.plain) == (0, 0)


async def test_every_connection_of_the_service_is_safe(
    servers: Servers, certificates: Certificates, settings: Settings
) -> None:
    """Those of all pools, of both ORMs, of the checks and of the migrations."""
    parameters = "sslmode=verify-full&sslrootcert={ca}&application_name=billing"
    pooled = address(servers.safe, parameters, certificates)
    owner = settings.direct.user
    platform = pooled.with_user(settings.platform.user)
    everything = settings.with_database(pooled, pooled.with_user(owner), platform)
    registry = Registry.found()
    async with Database(everything, registry) as database, database.transaction(PLATFORM) as tx:
        assert (await tx.sql.execute(text("SHOW application_name"))).scalar() == "billing platform"
    runner = Runner(everything, registry)
    assert [chain.pending for chain in await runner.status()] == [(), (), ()]
    await runner.up()
    assert await runner.tools["alembic"].differences() == []
    assert servers.safe.plain == 0
    assert servers.safe.safe >= 6
