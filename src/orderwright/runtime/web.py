"""The web process: granian inside this very process, serving `orderwright.front:app`.

granian's usual server keeps a parent process beside each worker; its embedded one does without, which saves some
thirty megabytes, and our own supervisor watches the process anyway.

    python -m orderwright.runtime.web      ORDERWRIGHT_HOST and ORDERWRIGHT_PORT say where it listens
"""

import asyncio
import importlib
import os
import signal

import uvloop
from granian.constants import Interfaces
from granian.log import LogLevels
from granian.server.embed import Server

from orderwright.runtime.django_setup import wake_django
from orderwright.runtime.processes import end_with_parent

BACKLOG = 1024


async def serve(host: str, port: int) -> None:
    """Serve until SIGTERM or SIGINT."""
    app = importlib.import_module("orderwright.front").app
    server = Server(
        app,
        address=host,
        port=port,
        interface=Interfaces.ASGI,
        websockets=False,
        backlog=BACKLOG,
        log_level=LogLevels.warning,
    )
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, server.stop)
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
