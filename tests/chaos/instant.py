"""A platform that accepts every score at once, or after so many seconds: `python -m tests.chaos.instant [SECONDS]`.

Nothing but the exchange itself, so that it is the worker that is measured. Prints its address as one line.
"""

from __future__ import annotations

import asyncio
import json
import sys

TOKEN = json.dumps({"access_token": "t", "token_type": "Bearer", "expires_in": 3600}).encode()


async def _serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, seconds: float) -> None:
    try:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            lengths = [line for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")]
            length = int(lengths[0].split(b":")[1]) if lengths else 0
            await reader.readexactly(length)
            wants_token = b"token" in head.split(b"\r\n", 1)[0]
            body = TOKEN if wants_token else b""
            if not wants_token:
                await asyncio.sleep(seconds)
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


async def _main(seconds: float) -> None:
    server = await asyncio.start_server(lambda reader, writer: _serve(reader, writer, seconds), "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    sys.stdout.write(f"http://127.0.0.1:{port}\n")
    sys.stdout.flush()
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_main(float(sys.argv[1]) if len(sys.argv) > 1 else 0.0))
