"""Certificates for one test run, and a proxy that speaks TLS as PostgreSQL does."""

import asyncio
import ssl
from dataclasses import dataclass
from pathlib import Path

import trustme

from crossdock.address import Address
from tests.library.proxy import Proxy

SSL_REQUEST = b"\x00\x00\x00\x08\x04\xd2\x16\x2f"


@dataclass(frozen=True)
class Certificates:
    """Files in PEM: an authority, another that signed nothing, a server's for `localhost`, a client's for `ann`."""

    folder: Path

    @classmethod
    def made_in(cls, folder: Path) -> "Certificates":
        authority, stranger = trustme.CA(), trustme.CA()
        server, client = authority.issue_cert("localhost"), authority.issue_cert(common_name="ann")
        made = cls(folder)
        authority.cert_pem.write_to_path(made.authority)
        stranger.cert_pem.write_to_path(made.stranger)
        for name, certificate in (("server", server), ("client", client)):
            certificate.private_key_pem.write_to_path(folder / f"{name}.key")
            (folder / f"{name}.key").chmod(0o600)
            certificate.cert_chain_pems[0].write_to_path(folder / f"{name}.pem")
        return made

    @property
    def authority(self) -> Path:
        return self.folder / "authority.pem"

    @property
    def stranger(self) -> Path:
        return self.folder / "stranger.pem"

    def of(self, name: str) -> tuple[Path, Path]:
        """The certificate and the key of `server` or `client`."""
        return self.folder / f"{name}.pem", self.folder / f"{name}.key"

    def server(self, *, asks_for_client: bool = False) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*self.of("server"))
        if asks_for_client:
            context.load_verify_locations(self.authority)
            context.verify_mode = ssl.CERT_REQUIRED
        return context


class TlsProxy(Proxy):
    """Takes TLS off before PostgreSQL, or says that there is none: the embedded server is built without. `safe` and
    `plain` count the clients that came in either way."""

    def __init__(self, target: Address, context: ssl.SSLContext | None) -> None:
        super().__init__(target)
        self._context = context
        self._heads: dict[asyncio.StreamReader, bytes] = {}
        self.safe = self.plain = 0

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readexactly(8)
        if head == SSL_REQUEST:
            writer.write(b"S" if self._context else b"N")
            if self._context:
                try:
                    await writer.start_tls(self._context)
                except (ssl.SSLError, OSError):
                    return  # the client did not believe us
                self.safe += 1
                await super()._serve(reader, writer)
                return
            head = await reader.read(8)  # goes on in plain text, or away
            if not head:
                writer.close()
                return
        self.plain += 1
        self._heads[reader] = head
        await super()._serve(reader, writer)

    async def _upstream(self, client: asyncio.StreamReader, server: asyncio.StreamWriter) -> None:
        server.write(self._heads.pop(client, b""))
        await super()._upstream(client, server)
