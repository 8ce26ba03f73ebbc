"""Both migration tools over TLS, from nothing to the heads and back: no connection of theirs is in plain text."""

from pathlib import Path

from crossdock.address import Address
from crossdock.config.settings import Settings
from crossdock.migrations.run.runner import Runner
from crossdock.registry import Registry
from tests.library.certificates import Certificates, TlsProxy


async def test_every_revision_over_tls(empty: Settings, tmp_path: Path) -> None:
    """The certificate and the settings of the address reach the connections of alembic and aerich too."""
    certificates = Certificates.made_in(tmp_path)
    async with TlsProxy(empty.direct, certificates.server()) as proxy:
        to = proxy.address
        safe = f"sslmode=verify-full&sslrootcert={certificates.authority}&options=-c%20jit%3Doff"
        address = Address.parse(f"postgresql://{to.user}@localhost:{to.port}/{to.database}?{safe}")
        settings = empty.with_database(empty.pooled, address)
        runner = Runner(settings, Registry.found())
        await runner.up()
        assert [chain.pending for chain in await runner.status()] == [(), (), ()]
        await runner.down()
        assert proxy.plain == 0
        assert proxy.safe > len(runner.chains.revisions)
