"""Signing messages as Standard Webhooks 1.0 says: HMAC-SHA256 over "id.timestamp.body", one signature a secret."""

import base64
import binascii
import hashlib
import hmac
import secrets
from collections.abc import Sequence

PREFIX = "whsec_"
KEY_BYTES = 32


def new_secret() -> str:
    """A secret of 256 random bits."""
    return PREFIX + base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()


def is_secret(text: str) -> bool:
    """Whether this is a secret as the standard has it: whsec_ and 24 to 64 bytes in base64."""
    try:
        return text.startswith(PREFIX) and 24 <= len(base64.b64decode(text[len(PREFIX) :], validate=True)) <= 64
    except (binascii.Error, ValueError):
        return False


def headers(message_id: str, timestamp: int, body: bytes, keys: Sequence[str]) -> dict[str, str]:
    """The headers that go with a message; a receiver takes it where one of the signatures is right."""
    signed = b"%b.%d.%b" % (message_id.encode(), timestamp, body)
    signatures = [
        base64.b64encode(hmac.digest(base64.b64decode(key[len(PREFIX) :]), signed, hashlib.sha256)).decode()
        for key in keys
    ]
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": " ".join(f"v1,{signature}" for signature in signatures),
    }
