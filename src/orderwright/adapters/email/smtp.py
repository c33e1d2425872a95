"""E-mail by SMTP.  5xx is for good, 4xx for now (RFC 5321, 4.2.1); whoever cannot be reached is away."""

import smtplib
import ssl
from contextlib import suppress
from queue import Empty, SimpleQueue
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.mail.backends.smtp import EmailBackend

from orderwright.adapters.email.mail import mail_of
from orderwright.notifications.ports import Away, Message, NotNow, Refused

TIMEOUT_SECONDS = 20


class SmtpMessenger:
    """Keeps its connections open from letter to letter, one for each that is sent at once."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        chosen = dict(parse_qsl(parts.query))
        secure = parts.scheme == "smtps"
        self.name = f"smtp {parts.hostname}"
        self._options: dict[str, Any] = {
            "host": parts.hostname or "localhost",
            "port": parts.port or (465 if secure else 587 if chosen.get("tls") == "1" else 25),
            "username": unquote(parts.username or ""),
            "password": unquote(parts.password or ""),
            "use_ssl": secure,
            "use_tls": chosen.get("tls") == "1" and not secure,
            "timeout": float(chosen.get("timeout", TIMEOUT_SECONDS)),
        }
        self._free: SimpleQueue[EmailBackend] = SimpleQueue()

    def send(self, message: Message) -> str:
        """Answers once the server has accepted the letter."""
        connection = self._connection()
        try:
            mail = mail_of(message)
            mail.connection = connection
            mail.send()
        except (smtplib.SMTPException, OSError, ValueError) as error:
            with suppress(smtplib.SMTPException, OSError):
                connection.close()
            raise _understood(error) from error
        self._free.put(connection)
        return "accepted"

    def close(self) -> None:
        while True:
            try:
                connection = self._free.get_nowait()
            except Empty:
                return
            with suppress(smtplib.SMTPException, OSError):
                connection.close()

    def _connection(self) -> EmailBackend:
        try:
            return self._free.get_nowait()
        except Empty:
            return EmailBackend(fail_silently=False, **self._options)


def _understood(error: Exception) -> Exception:
    """What an error means for the letter, or for all letters."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, words = next(iter(error.recipients.values()))
        return _by_code(code, words)
    if isinstance(error, smtplib.SMTPAuthenticationError | smtplib.SMTPConnectError | smtplib.SMTPHeloError):
        return Away(f"{error.smtp_code} {_words(error.smtp_error)}")
    if isinstance(error, smtplib.SMTPResponseException):
        return _by_code(error.smtp_code, error.smtp_error)
    if isinstance(error, smtplib.SMTPNotSupportedError | smtplib.SMTPServerDisconnected | ssl.SSLError | OSError):
        return Away(f"{type(error).__name__}: {error}")
    return Refused(f"{type(error).__name__}: {error}")  # a header or an address that cannot be written


def _by_code(code: int, words: bytes | str) -> Exception:
    said = f"{code} {_words(words)}"
    if code == 421:  # the server closes the channel: nothing is taken
        return Away(said)
    return Refused(said) if code >= 500 else NotNow(said)


def _words(words: bytes | str) -> str:
    return words.decode(errors="replace") if isinstance(words, bytes) else words
