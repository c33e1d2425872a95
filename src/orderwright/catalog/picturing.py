"""Picturing products: a picture is read, turned upright, made small enough and written anew; nothing else is in it."""

import io
from collections.abc import Sequence
from typing import NamedTuple

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps, UnidentifiedImageError

from orderwright.kernel import sql
from orderwright.kernel.actors import Actor
from orderwright.kernel.errors import NotFound, Refusal
from orderwright.kernel.events import Happening, record

MOST_BYTES = 5 * 1024 * 1024
MOST_PIXELS = 40_000_000
LONGEST_SIDE = 1200  # pixels, as it is kept


class BadPicture(Refusal):
    code = "bad_picture"
    status = 422
    sentence = _("This is not a PNG or JPEG picture that can be read.")


class PictureTooLarge(Refusal):
    code = "picture_too_large"
    status = 413
    sentence = _("A picture has at most {most_bytes} bytes and {most_pixels} pixels.")


class Picture(NamedTuple):
    """Of a product, by its code; None takes the picture away."""

    product: str
    content: bytes | None


@transaction.atomic
def set_pictures(pictures: Sequence[Picture], *, actor: Actor) -> None:
    """Give products their pictures: all or none."""
    kept = {product: None if content is None else readied(content) for product, content in pictures}
    ids = {code: id_ for id_, code in sql.rows(LOCK_PRODUCTS, [sql.texts(sorted(kept))])}
    for code in kept:
        if code not in ids:
            raise NotFound(thing="product", name=code)
    written = [None if content is None else f"\\x{content.hex()}" for content in kept.values()]
    sql.run(WRITE, [sql.ints(ids[code] for code in kept), sql.texts(written)])
    record(
        [
            Happening("product.pictured", actor, {"product": code, "bytes": None if content is None else len(content)})
            for code, content in kept.items()
        ]
    )


LOCK_PRODUCTS = "SELECT id, code FROM product WHERE code = ANY (%s::text[]) ORDER BY id FOR NO KEY UPDATE"

WRITE = """
    UPDATE product p SET picture = w.content::bytea, version = p.version + 1
      FROM unnest(%s::bigint[], %s::text[]) AS w(id, content) WHERE p.id = w.id
"""


def readied(content: bytes) -> bytes:
    """The picture as it is kept; refused where it is too large, or none."""
    if len(content) > MOST_BYTES:
        raise PictureTooLarge(most_bytes=MOST_BYTES, most_pixels=MOST_PIXELS)
    try:
        with Image.open(io.BytesIO(content), formats=("PNG", "JPEG")) as opened:
            if opened.width * opened.height > MOST_PIXELS:  # known before anything is unpacked
                raise PictureTooLarge(most_bytes=MOST_BYTES, most_pixels=MOST_PIXELS)
            kind = opened.format or ""
            picture = ImageOps.exif_transpose(opened)
    except Image.DecompressionBombError as error:
        raise PictureTooLarge(most_bytes=MOST_BYTES, most_pixels=MOST_PIXELS) from error
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        raise BadPicture() from error
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    if picture.mode not in ("RGB", "L", "RGBA") or (kind == "JPEG" and picture.mode == "RGBA"):
        picture = picture.convert("RGB" if kind == "JPEG" else "RGBA")
    picture.info.clear()
    written = io.BytesIO()
    picture.save(written, kind, optimize=True)
    return written.getvalue()


def media_type(content: bytes) -> str:
    return "image/png" if content.startswith(b"\x89PNG") else "image/jpeg"
