"""SMS and chat by apprise, which knows over a hundred services.

ORDERWRIGHT_MESSAGES is an apprise URL with {phone} where the number goes, such as twilio://SID:TOKEN@FROM/{phone}.

apprise says only whether a message was taken.  Whose fault a no is, the service's HTTP status tells: a number that it
refuses is that message's own failure, and must not have all others wait.
"""

import logging
import threading
from typing import Any
from urllib.parse import quote, urlsplit

import apprise

from orderwright.notifications.ports import Away, Message, NotNow, Refused

# What a service answers when it will never take this message (RFC 9110, section 15.5).
NEVER = frozenset({400, 410, 413, 414, 422})
# What it answers when it takes none: it does not know us, wants money, or a proxy stands before it.
NOBODYS = frozenset({401, 402, 403, 407})


class AppriseMessenger:
    """One service."""

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
            raise _no(said)
        return "accepted"

    def close(self) -> None:
        """Each message has its own request: there is nothing to close."""


def _no(said: "_Said") -> Exception:
    """What it means that a message was not taken."""
    words = said.last or "the service did not take it"
    if said.status in NEVER:
        return Refused(words)
    if said.status in NOBODYS or said.status >= 500 or (said.connected and not said.status):
        return Away(words)
    return NotNow(words)


class _Said:
    """What is logged in this thread while apprise sends: its words, and what urllib3 says of connection and status."""

    def __init__(self) -> None:
        self.last = ""
        self.connected = False
        self.status = 0

    def __enter__(self) -> "_Said":
        _listen()
        _HEARD.said = self
        return self

    def __exit__(self, *_error: object) -> None:
        del _HEARD.said


class _Ear(logging.Filter):
    """Hears what a logger is told, and passes on only what would have been logged without us."""

    def __init__(self, least: int) -> None:
        super().__init__()
        self.least = least

    def filter(self, record: logging.LogRecord) -> bool:
        said: _Said | None = getattr(_HEARD, "said", None)
        if said is not None:
            self.hear(said, record)
        return record.levelno >= self.least

    def hear(self, said: _Said, record: logging.LogRecord) -> None:
        if record.levelno >= logging.WARNING:
            said.last = record.getMessage()


class _NetworkEar(_Ear):
    """urllib3 says that it begins a connection, and of each answer `… "POST /path HTTP/1.1" 400 17`."""

    def hear(self, said: _Said, record: logging.LogRecord) -> None:
        words = record.getMessage()
        said.connected = said.connected or words.startswith("Starting new HTTP")
        status = words.rpartition('" ')[2].partition(" ")[0]
        if status.isascii() and status.isdigit() and len(status) == 3:
            said.status = int(status)


def _listen() -> None:
    """Listen to both loggers from now on."""
    with _LISTENING:
        for name, ear in (("apprise", _Ear), ("urllib3.connectionpool", _NetworkEar)):
            logger = logging.getLogger(name)
            if not any(isinstance(one, _Ear) for one in logger.filters):
                logger.addFilter(ear(logger.getEffectiveLevel()))
                logger.setLevel(logging.DEBUG)


_HEARD = threading.local()
_LISTENING = threading.Lock()
