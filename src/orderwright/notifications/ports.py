"""What carries letters: a messenger is an adapter for one channel, such as e-mail by SMTP.

It is called outside any transaction, from several threads at once.
"""

from collections.abc import Mapping
from typing import NamedTuple, Protocol


class Message(NamedTuple):
    """A letter as it goes out."""

    to: str  # an e-mail address, or a telephone number as E.164 writes it
    name: str  # the person's; may be empty
    sender: str  # "Shop <orders@shop.example>"
    subject: str
    text: str
    html: str  # empty where the channel has none
    message_id: str  # with its angle brackets; always the same for the same letter
    headers: Mapping[str, str]


class Refused(Exception):
    """This letter will never be taken: a bad address, a policy."""


class NotNow(Exception):
    """This letter is not taken now; others may be."""


class Away(Exception):
    """The provider cannot be reached, is not set up well, or takes nothing at the moment."""


class Messenger(Protocol):
    """Opened by `MessengerClass(url)`; `url` is what the shop configured for the channel."""

    name: str  # for people: "smtp mail.example", "mailgun"; never a password

    def send(self, message: Message) -> str:
        """Hand a letter over; answers the provider's words.  Raises Refused, NotNow or Away."""
        ...

    def close(self) -> None:
        """Let go of connections; called when a run of letters ends, and `send` may be called again after."""
        ...
