"""Noting: what someone wants to remember about an order, in sentences (notes) and in words (tags)."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from orderwright.kernel import clock, sql
from orderwright.kernel.actors import Actor
from orderwright.kernel.errors import Invalid

LONGEST_NOTE = 5000
LONGEST_TAG = 100


class NewNote(NamedTuple):
    order_id: int
    text: str


def check_text(text: str) -> str:
    """A note as it is kept."""
    if not text.strip() or len(text) > LONGEST_NOTE or "\x00" in text:
        raise Invalid(field="text", problem=f"a note has 1 to {LONGEST_NOTE} characters")
    return text.strip()


def check_tag(tag: str) -> str:
    """A tag as it is kept."""
    if not tag.strip() or len(tag) > LONGEST_TAG or "\x00" in tag:
        raise Invalid(field="tag", problem=f"a tag has 1 to {LONGEST_TAG} characters")
    return tag.strip()


def write(notes: Sequence[NewNote], *, actor: Actor) -> list[int]:
    """Write notes down; answers their ids."""
    if not notes:
        return []
    orders, texts = zip(*notes, strict=True)
    return [row[0] for row in sql.rows(WRITE, [actor, clock.now(), sql.ints(orders), sql.texts(texts)])]


def tags_of(order_ids: Collection[int]) -> dict[int, set[str]]:
    """The tags on these orders."""
    found: dict[int, set[str]] = {order_id: set() for order_id in order_ids}
    for order_id, tag in sql.rows(TAGS_OF, [sql.ints(sorted(found))]):
        found[order_id].add(tag)
    return found


def put_on(tags: Collection[tuple[int, str]]) -> None:
    """Put tags on orders."""
    if tags:
        orders, words = zip(*sorted(tags), strict=True)
        sql.run(PUT_ON, [sql.ints(orders), sql.texts(words)])


def take_off(tags: Collection[tuple[int, str]]) -> None:
    """Take tags off orders."""
    if tags:
        orders, words = zip(*sorted(tags), strict=True)
        sql.run(TAKE_OFF, [sql.ints(orders), sql.texts(words)])


WRITE = """
    INSERT INTO order_note (order_id, text, written_by, written_at)
    SELECT order_id, text, %s::text, %s::timestamptz
      FROM unnest(%s::bigint[], %s::text[]) WITH ORDINALITY AS n(order_id, text, ordinal)
     ORDER BY ordinal
    RETURNING id
"""

TAGS_OF = "SELECT order_id, tag FROM order_tag WHERE order_id = ANY (%s::bigint[])"

PUT_ON = "INSERT INTO order_tag (order_id, tag) SELECT * FROM unnest(%s::bigint[], %s::text[]) ON CONFLICT DO NOTHING"

TAKE_OFF = """
    DELETE FROM order_tag t USING unnest(%s::bigint[], %s::text[]) AS off(order_id, tag)
     WHERE t.order_id = off.order_id AND t.tag = off.tag
"""
