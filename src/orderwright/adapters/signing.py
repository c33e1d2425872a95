"""Signed messages, as the Standard Webhooks specification has them (version 1a, HMAC-SHA256).

What is signed is `id.timestamp.body`; a message is good for five minutes either way.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta

GOOD_FOR = timedelta(minutes=5)


def sign(secret: str, message_id: str, at: datetime, body: bytes) -> dict[str, str]:
    """The headers that go with a message."""
    timestamp = str(int(at.timestamp()))
    return {
        "webhook-id": message_id,
        "webhook-timestamp": timestamp,
        "webhook-signature": f"v1,{_signature(secret, message_id, timestamp, body)}",
    }


def is_signed(secret: str, headers: Mapping[str, str], body: bytes, now: datetime) -> bool:
    """Was this message signed with our secret, and not too long ago?  A message may carry several signatures."""
    message_id, timestamp = headers.get("webhook-id", ""), headers.get("webhook-timestamp", "")
    if not (message_id and timestamp.isascii() and timestamp.isdigit() and len(timestamp) < 12):
        return False
    if abs(now.timestamp() - int(timestamp)) > GOOD_FOR.total_seconds():
        return False
    expected = _signature(secret, message_id, timestamp, body).encode()
    signatures = [part.partition(",")[2].encode() for part in headers.get("webhook-signature", "").split()]
    return any(hmac.compare_digest(expected, signature) for signature in signatures)


def _signature(secret: str, message_id: str, timestamp: str, body: bytes) -> str:
    signed = f"{message_id}.{timestamp}.".encode() + body
    return base64.b64encode(hmac.digest(secret.encode(), signed, hashlib.sha256)).decode()
