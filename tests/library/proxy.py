"""A TCP proxy before PostgreSQL, on loopback, that a test can cut, stall, or have cut at a statement."""

import asyncio
import re
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Self

from crossdock.address import Address

CHUNK = 65_536


class Proxy:
    """`async with` it: its `address` is the database's, through the proxy."""

    def __init__(self, target: Address) -> None:
        self._target = target
        self._writers: set[asyncio.StreamWriter] = set()
        self._flowing = asyncio.Event()
        self._flowing.set()
        self._statement: bytes | None = None
        self._answer_is_lost = False
        self._port = 0

    async def __aenter__(self) -> Self:
        await self.restore()
        return self

    async def __aexit__(self, *_: object) -> None:
        self.go_on()
        await self.cut()

    @property
    def address(self) -> Address:
        return replace(self._target, host="127.0.0.1", port=self._port, ssl="disable")

    async def restore(self) -> None:
        """Listens (again), on the same port."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self._port)
        self._port = self._server.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        """Breaks every connection and refuses new ones."""
        self._server.close()
        self._break()
        await asyncio.sleep(0)

    def stall(self) -> None:
        """Connections stay, new ones are taken, and nothing flows any more."""
        self._flowing.clear()

    def go_on(self) -> None:
        self._flowing.set()

    def cut_at(self, statement: str, *, reaches_the_server: bool) -> None:
        """Breaks every connection, once, when a client sends a statement; where that reaches the server, its answer is
        what does not come through."""
        self._statement = statement.encode() + b"\0"
        self._reaches = reaches_the_server

    def _break(self) -> None:
        for writer in list(self._writers):
            writer.transport.abort()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._target.host.startswith("/"):
            path = f"{self._target.host}/.s.PGSQL.{self._target.port}"
            server_reader, server_writer = await asyncio.open_unix_connection(path)
        else:
            server_reader, server_writer = await asyncio.open_connection(self._target.host, self._target.port)
        both = {writer, server_writer}
        self._writers |= both
        await asyncio.gather(self._upstream(reader, server_writer), self._downstream(server_reader, writer))
        self._writers -= both

    async def _upstream(self, client: asyncio.StreamReader, server: asyncio.StreamWriter) -> None:
        async for data in self._chunks(client):
            if self._statement is not None and self._statement in data:
                self._statement = None
                if not self._reaches:
                    self._break()
                    continue
                self._answer_is_lost = True
            server.write(data)
        server.close()

    async def _downstream(self, server: asyncio.StreamReader, client: asyncio.StreamWriter) -> None:
        async for data in self._chunks(server):
            if self._answer_is_lost:
                self._answer_is_lost = False
                self._break()
                continue
            client.write(data)
        client.close()

    async def _chunks(self, reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
        try:
            while data := await reader.read(CHUNK):
                await self._flowing.wait()
                yield data
        except OSError:
            return  # the connection was broken, by us or by the other side


KEY = b"K\x00\x00\x00\x0c" + b"\x12\x34\x56\x78" * 2


class Pooler(Proxy):
    """Gives each client a key of its own for cancelling, as poolers do."""

    async def _chunks(self, reader: asyncio.StreamReader) -> AsyncIterator[bytes]:
        async for data in super()._chunks(reader):
            yield re.sub(rb"K\x00\x00\x00\x0c.{8}(?=Z\x00\x00\x00\x05I)", KEY, data, flags=re.DOTALL)
