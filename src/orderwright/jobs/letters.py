"""Sending letters: those about webhooks go to their owners, whom only the room of webhooks knows."""

from collections.abc import Collection, Mapping

from orderwright.notifications.sending import follow_and_send
from orderwright.webhooks.queries import owner_of


def send_letters() -> int:
    """Write the letters of what happened, and send what is due by e-mail."""
    return follow_and_send(owners=_owners)


def _owners(webhooks: Collection[int]) -> Mapping[int, str]:
    return {webhook: owner_of(webhook) for webhook in webhooks}
