"""A receiver of webhooks that only answers and counts: `python -m orderwright.replay.receiver PORT`.

A process of its own, as whoever is told would be.  `GET` answers how many messages it was sent.
"""

import asyncio
import contextlib
import sys

from orderwright.runtime.processes import end_with_parent


class Receiver:
    """Answers every message with 204."""

    def __init__(self) -> None:
        self.received = 0

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one connection until its other end closes it (HTTP/1.1, bodies with a Content-Length)."""
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).lower()
                if head.startswith(b"get "):
                    count = str(self.received).encode()
                    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(count), count))
                    continue
                at = head.index(b"content-length:")
                await reader.readexactly(int(head[at + 15 :].split(b"\r\n", 1)[0]))
                self.received += 1
                writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
        writer.close()


async def serve(port: int) -> None:
    """Serve on 127.0.0.1 until the process ends."""
    server = await asyncio.start_server(Receiver().answer, "127.0.0.1", port)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    end_with_parent()
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(int(sys.argv[1])))
