"""E-mail: by SMTP, or by any provider that django-anymail knows.

ORDERWRIGHT_EMAIL_URL is one of

    smtp://user:password@host:587?tls=1          STARTTLS; without tls=1 in plain text
    smtps://user:password@host:465               TLS from the first byte
    anymail+mailgun://?api_key=…&sender_domain=… its anymail settings, in small letters
"""

from orderwright.adapters.email.anymail import AnymailMessenger
from orderwright.adapters.email.smtp import SmtpMessenger

__all__ = ["AnymailMessenger", "SmtpMessenger"]
