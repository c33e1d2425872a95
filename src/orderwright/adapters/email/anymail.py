"""E-mail by a provider that django-anymail knows: Mailgun, Postmark, SendGrid, Amazon SES, Brevo, Mailjet and more."""

from typing import Any
from urllib.parse import parse_qsl, urlsplit

from anymail.exceptions import (
    AnymailAPIError,
    AnymailConfigurationError,
    AnymailError,
    AnymailRecipientsRefused,
    AnymailUnsupportedFeature,
)
from django.core.mail import get_connection

from orderwright.adapters.email.mail import mail_of
from orderwright.notifications.ports import Away, Message, NotNow, Refused

FOR_NOW = frozenset({408, 425, 429})
OURS = frozenset({401, 403, 404, 405})  # the account or its address is wrong, not the letter


class AnymailMessenger:
    """One provider, with its settings from the URL's query."""

    def __init__(self, url: str) -> None:
        parts = urlsplit(url)
        self.name = parts.scheme.partition("+")[2]
        self._options: dict[str, Any] = dict(parse_qsl(parts.query))

    def send(self, message: Message) -> str:
        """Answers what the provider says of the letter, with its own name for it."""
        try:
            connection = get_connection(f"anymail.backends.{self.name}.EmailBackend", **self._options)
            mail = mail_of(message)
            mail.connection = connection
            mail.send()
        except AnymailRecipientsRefused as error:
            raise Refused(str(error)) from error
        except AnymailAPIError as error:
            raise _understood(error) from error
        except (AnymailConfigurationError, AnymailUnsupportedFeature, ImportError, TypeError) as error:
            raise Away(f"{type(error).__name__}: {error}") from error
        except (AnymailError, ValueError) as error:
            raise Refused(f"{type(error).__name__}: {error}") from error
        except OSError as error:
            raise Away(f"{type(error).__name__}: {error}") from error
        status = getattr(mail, "anymail_status", None)
        return f"accepted {status.message_id}" if status is not None and status.message_id else "accepted"

    def close(self) -> None:
        """Each letter has its own request: there is nothing to close."""


def _understood(error: AnymailAPIError) -> Exception:
    code, said = error.status_code, str(error)
    if code is None or code >= 500 or code in OURS:
        return Away(said)
    return NotNow(said) if code in FOR_NOW else Refused(said)
