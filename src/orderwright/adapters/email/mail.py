"""A message as Django's mail has it."""

from email.utils import formataddr

from django.core.mail import EmailMultiAlternatives

from orderwright.notifications.ports import Message


def mail_of(message: Message) -> EmailMultiAlternatives:
    """Text and HTML, with the letter's own Message-ID."""
    mail = EmailMultiAlternatives(
        subject=message.subject,
        body=message.text,
        from_email=message.sender,
        to=[formataddr((message.name, message.to)) if message.name else message.to],
        headers={"Message-ID": message.message_id, **message.headers},
    )
    if message.html:
        mail.attach_alternative(message.html, "text/html")
    return mail
