"""A small SMTP server over real TCP, which can misbehave: refuse, say "later", hang up after DATA, be slow or away."""

import asyncio
import email
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller


class MailServer:
    """What it took, and how it behaves."""

    def __init__(self) -> None:
        self.letters: list[EmailMessage] = []
        self.says: dict[str, str] = {}  # address: the answer to RCPT
        self.after_data = ""  # the answer once it has the letter; "hang up": none
        self.seconds = 0.0
        self.port = 0

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if address in self.says:
            return self.says[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        await asyncio.sleep(self.seconds)
        if self.after_data == "hang up":
            self._keep(envelope)
            server.transport.close()
            return "250 nobody hears this"
        if self.after_data:
            return self.after_data
        self._keep(envelope)
        return "250 OK"

    def _keep(self, envelope: Any) -> None:
        self.letters.append(email.message_from_bytes(envelope.content, policy=default))  # type: ignore[arg-type]


@contextmanager
def mail_server() -> Iterator[MailServer]:
    server = MailServer()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        server.port = probe.getsockname()[1]
    controller = Controller(server, hostname="127.0.0.1", port=server.port)
    controller.start()
    try:
        yield server
    finally:
        controller.stop()
