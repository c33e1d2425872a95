"""Pictures of the demo shop's wares, drawn by the program: a shape on a quiet ground, the same ones every time."""

import io
from collections.abc import Callable

from PIL import Image, ImageColor, ImageDraw

SIDE = 480
FINE = 2  # drawn so many times larger, then made smaller: soft edges
PAPER = (247, 243, 236)

Color = tuple[int, ...]
Pen = ImageDraw.ImageDraw


def draw(shape: str, color: str) -> bytes:
    """A PNG of something in this shape and color."""
    tone = ImageColor.getrgb(color)
    picture = Image.new("RGB", (SIDE * FINE, SIDE * FINE), mixed(PAPER, tone, 0.12))
    pen = ImageDraw.Draw(picture)
    _oval(pen, 60, 372, 420, 432, mixed(PAPER, tone, 0.30))
    SHAPES[shape](pen, tone)
    small = picture.resize((SIDE, SIDE), Image.Resampling.LANCZOS).quantize(64)
    written = io.BytesIO()
    small.save(written, "PNG", optimize=True)
    return written.getvalue()


def mixed(one: Color, other: Color, share: float) -> Color:
    """`one` with so large a share of `other` in it."""
    return tuple(round(a + (b - a) * share) for a, b in zip(one, other, strict=True))


def _light(tone: Color) -> Color:
    return mixed(tone, (255, 255, 255), 0.35)


def _dark(tone: Color) -> Color:
    return mixed(tone, (0, 0, 0), 0.25)


def _oval(pen: Pen, left: float, top: float, right: float, bottom: float, color: Color) -> None:
    pen.ellipse([left * FINE, top * FINE, right * FINE, bottom * FINE], fill=color)


def _box(pen: Pen, left: float, top: float, right: float, bottom: float, color: Color, *, round_by: float = 18) -> None:
    pen.rounded_rectangle([left * FINE, top * FINE, right * FINE, bottom * FINE], radius=round_by * FINE, fill=color)


def _area(pen: Pen, corners: list[tuple[float, float]], color: Color) -> None:
    pen.polygon([(x * FINE, y * FINE) for x, y in corners], fill=color)


def _ring(pen: Pen, left: float, top: float, right: float, bottom: float, color: Color, *, width: float = 22) -> None:
    pen.ellipse([left * FINE, top * FINE, right * FINE, bottom * FINE], outline=color, width=round(width * FINE))


def _bag(pen: Pen, tone: Color) -> None:
    _area(pen, [(150, 120), (330, 120), (352, 404), (128, 404)], tone)
    _area(pen, [(150, 120), (330, 120), (322, 92), (158, 92)], _dark(tone))
    _box(pen, 176, 196, 304, 320, _light(tone))
    _oval(pen, 212, 226, 268, 290, _dark(tone))


def _cup(pen: Pen, tone: Color) -> None:
    _ring(pen, 290, 200, 392, 320, _dark(tone))
    _box(pen, 122, 170, 326, 400, tone, round_by=46)
    _oval(pen, 122, 146, 326, 206, _light(tone))
    _oval(pen, 140, 156, 308, 198, _dark(tone))


def _bowl(pen: Pen, tone: Color) -> None:
    pen.pieslice([96 * FINE, 70 * FINE, 384 * FINE, 400 * FINE], 0, 180, fill=tone)
    _box(pen, 192, 380, 288, 408, _dark(tone), round_by=8)
    _oval(pen, 96, 202, 384, 270, _light(tone))
    _oval(pen, 118, 212, 362, 260, _dark(tone))


def _glass(pen: Pen, tone: Color) -> None:
    _area(pen, [(140, 110), (340, 110), (312, 404), (168, 404)], _light(tone))
    _area(pen, [(152, 210), (328, 210), (306, 388), (174, 388)], (196, 122, 52))
    _oval(pen, 140, 90, 340, 132, mixed(_light(tone), (255, 255, 255), 0.5))


def _pot(pen: Pen, tone: Color) -> None:
    _ring(pen, 40, 190, 160, 330, _dark(tone))
    _area(pen, [(330, 250), (430, 170), (440, 190), (350, 340)], _dark(tone))
    _oval(pen, 96, 160, 372, 410, tone)
    _oval(pen, 160, 142, 308, 190, _dark(tone))
    _oval(pen, 218, 112, 250, 148, _light(tone))


def _press(pen: Pen, tone: Color) -> None:
    _ring(pen, 270, 200, 400, 350, _dark(tone), width=16)
    _box(pen, 150, 140, 320, 404, _light(tone), round_by=14)
    _box(pen, 160, 250, 310, 394, (74, 46, 30), round_by=10)
    _box(pen, 142, 122, 328, 150, _dark(tone), round_by=8)
    _box(pen, 228, 60, 242, 124, _dark(tone), round_by=4)
    _oval(pen, 216, 42, 254, 76, tone)


def _jar(pen: Pen, tone: Color) -> None:
    _box(pen, 130, 150, 350, 404, tone, round_by=40)
    _box(pen, 120, 104, 360, 158, _dark(tone), round_by=12)
    _box(pen, 158, 216, 322, 330, mixed(tone, (255, 255, 255), 0.75), round_by=10)
    _box(pen, 184, 262, 296, 276, tone, round_by=6)


def _tin(pen: Pen, tone: Color) -> None:
    _box(pen, 90, 210, 390, 400, tone, round_by=20)
    _oval(pen, 90, 160, 390, 264, _light(tone))
    _oval(pen, 130, 178, 350, 246, tone)


def _spoon(pen: Pen, tone: Color) -> None:
    _box(pen, 228, 190, 252, 410, tone, round_by=12)
    _oval(pen, 178, 70, 302, 220, tone)
    _oval(pen, 198, 88, 282, 200, _dark(tone))


def _candle(pen: Pen, tone: Color) -> None:
    _box(pen, 162, 190, 318, 404, tone, round_by=14)
    _oval(pen, 162, 170, 318, 214, _light(tone))
    _box(pen, 236, 150, 244, 194, (60, 50, 40), round_by=3)
    _oval(pen, 220, 84, 260, 160, (240, 170, 60))
    _oval(pen, 231, 112, 249, 156, (255, 226, 150))


def _towel(pen: Pen, tone: Color) -> None:
    _box(pen, 120, 110, 360, 404, _light(tone), round_by=10)
    for left in (150, 180, 290, 320):
        _box(pen, left, 110, left + 14, 404, tone, round_by=0)
    _box(pen, 120, 340, 360, 362, _dark(tone), round_by=0)


def _gift(pen: Pen, tone: Color) -> None:
    _box(pen, 96, 200, 384, 404, tone, round_by=10)
    _box(pen, 84, 160, 396, 224, _dark(tone), round_by=10)
    _box(pen, 216, 160, 264, 404, _light(tone), round_by=0)
    _ring(pen, 150, 84, 246, 166, _light(tone), width=18)
    _ring(pen, 234, 84, 330, 166, _light(tone), width=18)


SHAPES: dict[str, Callable[[Pen, Color], None]] = {
    "bag": _bag,
    "cup": _cup,
    "bowl": _bowl,
    "glass": _glass,
    "pot": _pot,
    "press": _press,
    "jar": _jar,
    "tin": _tin,
    "spoon": _spoon,
    "candle": _candle,
    "towel": _towel,
    "gift": _gift,
}
