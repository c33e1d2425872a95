"""The web process: granian inside this very process, serving `orderwright.front:app`.

granian's usual server keeps a parent process beside each worker; its embedded one does without, which saves some
thirty megabytes, and our own supervisor watches the process anyway.

    python -m orderwright.runtime.web      ORDERWRIGHT_HOST and ORDERWRIGHT_PORT say where it listens
"""

import asyncio
import gc
import importlib
import os
import signal
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from typing import Any

import uvloop
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server.embed import Server

from orderwright.runtime.django_setup import wake_django
from orderwright.runtime.processes import end_with_parent

BACKLOG = 1024
STOP_PATIENCE_SECONDS = 3.0

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]


@dataclass
class Endable:
    """An ASGI application whose requests can be ended: event streams never end, and granian waits for them.

    A client whose stream is cut off comes again with Last-Event-ID and misses nothing.
    """

    inner: Application
    running: set[asyncio.Task[Any]] = field(default_factory=set)
    ending: bool = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, known by its task while it runs."""
        task = asyncio.current_task()
        if scope["type"] == "lifespan" or task is None:
            return await self.inner(scope, receive, send)
        self.running.add(task)
        try:
            await self.inner(scope, receive, send)
        except asyncio.CancelledError:
            if not self.ending:
                raise
        finally:
            self.running.discard(task)

    def end(self) -> None:
        """End what still runs."""
        self.ending = True
        for task in list(self.running):
            task.cancel()


async def serve(host: str, port: int) -> None:
    """Serve until SIGTERM or SIGINT; then requests under way get a few seconds to be answered."""
    app = Endable(importlib.import_module("orderwright.front").app)
    server = Server(
        app,
        address=host,
        port=port,
        interface=Interfaces.ASGI,
        websockets=False,
        backlog=BACKLOG,
        log_level=LogLevels.error,
    )
    gc.collect()
    gc.freeze()  # what was loaded stays for good: no later collection need look through it
    loop = asyncio.get_running_loop()
    stop_server: Callable[[], None] = server.stop

    def stop() -> None:
        stop_server()
        loop.call_later(STOP_PATIENCE_SECONDS, app.end)

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    await server.serve()


def main() -> None:
    """Run the web process."""
    end_with_parent()
    wake_django()
    host = os.environ.get("ORDERWRIGHT_HOST") or "127.0.0.1"
    port = int(os.environ.get("ORDERWRIGHT_PORT") or "8000")
    uvloop.run(serve(host, port))


if __name__ == "__main__":
    main()
