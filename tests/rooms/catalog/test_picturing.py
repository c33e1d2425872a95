"""Pictures of products: read, made small, written anew."""

import io
import zlib

import pytest
from PIL import Image

from orderwright.catalog import queries
from orderwright.catalog.models import Product
from orderwright.catalog.picturing import (
    LONGEST_SIDE,
    MOST_BYTES,
    BadPicture,
    Picture,
    PictureTooLarge,
    media_type,
    readied,
    set_pictures,
)
from orderwright.kernel import actors
from orderwright.kernel.errors import NotFound
from orderwright.kernel.models import Event

CLERK = actors.system("test")


def a_picture(kind: str = "PNG", size: tuple[int, int] = (20, 10), mode: str = "RGB", **more: object) -> bytes:
    written = io.BytesIO()
    Image.new(mode, size, 7).save(written, kind, **more)
    return written.getvalue()


def chunk(name: bytes, content: bytes) -> bytes:
    return len(content).to_bytes(4, "big") + name + content + zlib.crc32(name + content).to_bytes(4, "big")


def a_bomb(width: int, height: int) -> bytes:
    """A PNG that claims to be huge."""
    header = width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes([8, 2, 0, 0, 0])
    body = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + body


@pytest.mark.parametrize(
    ("kind", "mode"), [("PNG", "RGB"), ("PNG", "P"), ("PNG", "RGBA"), ("JPEG", "L"), ("JPEG", "CMYK")]
)
def test_a_picture_keeps_its_kind_and_its_size(kind, mode):
    kept = readied(a_picture(kind, mode=mode))

    with Image.open(io.BytesIO(kept)) as picture:
        assert (picture.format, picture.size) == (kind, (20, 10))
    assert media_type(kept) == f"image/{kind.lower()}"


def test_a_large_picture_is_made_small():
    with Image.open(io.BytesIO(readied(a_picture(size=(3 * LONGEST_SIDE, 300))))) as picture:
        assert picture.size == (LONGEST_SIDE, 100)


def test_what_a_camera_knows_of_its_owner_is_left_out_and_the_picture_stands_upright():
    exif = Image.Exif()
    exif[0x0112] = 6  # lying on its side
    exif[0x013B] = "Ada Lovelace"

    kept = readied(a_picture("JPEG", exif=exif.tobytes(), comment=b"Ada Lovelace"))

    with Image.open(io.BytesIO(kept)) as picture:
        assert picture.size == (10, 20)
    assert b"Lovelace" not in kept


@pytest.mark.parametrize(
    ("content", "refusal"),
    [
        (b"", BadPicture),
        (b"<svg/>", BadPicture),
        (a_picture()[:48], BadPicture),
        (a_picture("GIF"), BadPicture),
        (a_picture("JPEG")[:200], BadPicture),
        (b"x" * (MOST_BYTES + 1), PictureTooLarge),
        (a_bomb(50_000, 50_000), PictureTooLarge),
        (a_bomb(9_000, 9_000), PictureTooLarge),
        (a_bomb(300, 300), BadPicture),
    ],
    ids=["nothing", "svg", "cut", "gif", "cut-jpeg", "bytes", "pixels", "more-pixels", "lies"],
)
def test_what_is_no_picture_is_refused(content, refusal):
    with pytest.raises(refusal):
        readied(content)


@pytest.mark.django_db
def test_a_product_gets_its_picture_and_loses_it():
    Product.objects.create(code="P", name="P")

    set_pictures([Picture("P", a_picture())], actor=CLERK)
    first = queries.picture("P")
    set_pictures([Picture("P", None)], actor=CLERK)

    assert first == readied(a_picture())
    assert queries.picture("P") is None
    assert Product.objects.get().version == 3
    assert list(Event.objects.order_by("id").values_list("facts", flat=True)) == [
        {"product": "P", "bytes": len(first)},
        {"product": "P", "bytes": None},
    ]


@pytest.mark.django_db
def test_all_pictures_are_set_or_none():
    Product.objects.create(code="P", name="P")

    with pytest.raises(NotFound):
        set_pictures([Picture("P", a_picture()), Picture("Q", a_picture())], actor=CLERK)

    assert queries.picture("P") is None
    with pytest.raises(NotFound):
        queries.picture("Q")
