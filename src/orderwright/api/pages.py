"""Lists by keyset: a page says where the next one begins, and no page costs more for being far down."""

import base64
import binascii
from collections.abc import Sequence
from typing import Annotated, Any, Generic, TypeVar

import msgspec
from django.utils.translation import gettext_lazy as _
from ninja import Schema
from pydantic import Field

from orderwright.kernel.errors import Refusal

T = TypeVar("T")
K = TypeVar("K")

MOST = 250
Limit = Annotated[int, Field(ge=1, le=MOST, description="How many at most.")]
After = Annotated[str | None, Field(max_length=1000, description="`next` of the page before.")]


class BadPage(Refusal):
    code = "bad_page"
    status = 422
    sentence = _("{after} does not name a page of this list.")


class Page(Schema, Generic[T]):
    """A part of a list; `next` is null on the last one."""

    items: list[T]
    next: str | None


def place(after: str | None, shape: type[K]) -> K | None:
    """The key behind which a page begins, such as `tuple[datetime, int]`; None for the first page."""
    if not after:
        return None
    try:
        text = base64.b64decode(after.encode() + b"=" * (-len(after) % 4), altchars=b"-_", validate=True)
        key = msgspec.json.decode(text, type=shape)
    except (binascii.Error, ValueError, msgspec.MsgspecError) as error:
        raise BadPage(after=after[:80]) from error
    if not all(_storable(part) for part in (key if isinstance(key, tuple) else (key,))):
        raise BadPage(after=after[:80])
    return key


def name(key: object) -> str:
    """The name of the page behind this key."""
    return base64.urlsafe_b64encode(msgspec.json.encode(key)).rstrip(b"=").decode()


def page(found: Sequence[T], keys: Sequence[object], limit: int) -> dict[str, Any]:
    """A page of what was `found` by a query for one more than `limit`; `keys` are the sort keys, one for each."""
    more = len(found) > limit
    return {"items": found[:limit], "next": name(keys[limit - 1]) if more else None}


def _storable(part: object) -> bool:
    if isinstance(part, int):
        return -(2**63) <= part < 2**63
    return not isinstance(part, str) or "\x00" not in part
