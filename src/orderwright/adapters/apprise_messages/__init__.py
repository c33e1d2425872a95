"""SMS and chat by apprise, which knows over a hundred services.

ORDERWRIGHT_MESSAGES is an apprise URL with {phone} where the number goes, such as twilio://SID:TOKEN@FROM/{phone}.
"""

import logging
from typing import Any
from urllib.parse import quote, urlsplit

import apprise

from orderwright.notifications.ports import Away, Message, Refused


class AppriseMessenger:
    """One service.  apprise says only whether a message was taken: one that was not is tried again."""

    def __init__(self, url: str) -> None:
        self.name = urlsplit(url).scheme
        self._url = url

    def send(self, message: Message) -> str:
        sender: Any = apprise.Apprise.instantiate(
            self._url.replace("{phone}", quote(message.to, safe="")), suppress_exceptions=True
        )
        if sender is None:
            raise Refused("this number, or the URL of the service, cannot be read")
        with _Said() as said:
            taken = sender.notify(body=message.text, body_format="text")
        if not taken:
            raise Away(said.last or "the service did not take it")
        return "accepted"

    def close(self) -> None:
        """Each message has its own request: there is nothing to close."""


class _Said(logging.Handler):
    """What apprise logs while it sends: its only words about a failure."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.last = ""

    def __enter__(self) -> "_Said":
        logging.getLogger("apprise").addHandler(self)
        return self

    def __exit__(self, *_error: object) -> None:
        logging.getLogger("apprise").removeHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        self.last = record.getMessage()
