"""Forward LISTEN:PORT to TARGET:PORT. Runs on a bare Python, inside the host and beside it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import sys

CHUNK = 256 * 1024


async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Copy until the end of one direction, and pass that end on."""
    with contextlib.suppress(ConnectionError):
        while chunk := await reader.read(CHUNK):
            writer.write(chunk)
            await writer.drain()
        writer.write_eof()


async def main(listen: str, target: str, port: int) -> None:
    """Serve until stopped; tell systemd, or whoever reads stdout, when it listens."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            there, back = await asyncio.open_connection(target, port)
            await asyncio.gather(pump(reader, back), pump(there, writer))
            back.close()
        writer.close()

    server = await asyncio.start_server(handle, listen, port)
    if address := os.environ.get("NOTIFY_SOCKET"):
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify:
            notify.sendto(b"READY=1", address)
    print("ready", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
