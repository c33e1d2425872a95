"""What the demo shop sells: tea and coffee, and what one drinks them from."""

from collections.abc import Iterator
from typing import NamedTuple

from orderwright.catalog.gtin import check_digit

CATEGORIES = {
    "drinks": ("Drinks", None),
    "tea": ("Tea", "drinks"),
    "coffee": ("Coffee", "drinks"),
    "tableware": ("Tableware", None),
    "cups": ("Cups", "tableware"),
    "pots": ("Pots", "tableware"),
    "pantry": ("Pantry", None),
    "gifts": ("Gift sets", None),
}


class Variant(NamedTuple):
    """A SKU of a product."""

    suffix: str
    name: str
    price: str  # EUR, tax included
    weight_grams: int
    size_mm: tuple[int, int, int]


class Ware(NamedTuple):
    """A product: how it is called, looks and is declared to customs, and its variants."""

    code: str
    name: str
    category: str
    shape: str  # see demo.pictures
    color: str
    origin: str  # ISO 3166-1 alpha-2
    customs_code: str  # Harmonized System
    variants: tuple[Variant, ...]
    description: str


class DemoSku(NamedTuple):
    code: str
    ware: Ware
    variant: Variant
    gtin: str


def _bags(small: str, large: str) -> tuple[Variant, ...]:
    return (
        Variant("TRY", "25 g to try", "2.50", 35, (120, 70, 30)),
        Variant("100", "100 g", small, 120, (180, 90, 60)),
        Variant("250", "250 g", large, 280, (240, 110, 80)),
    )


def _one(price: str, weight: int, size: tuple[int, int, int]) -> tuple[Variant, ...]:
    return (Variant("", "", price, weight, size),)


def _colors(price: str, weight: int, size: tuple[int, int, int]) -> tuple[Variant, ...]:
    return tuple(
        Variant(code, color, price, weight, size)
        for code, color in (("SND", "sand"), ("SEA", "sea"), ("MOS", "moss"), ("INK", "ink"))
    )


TEAS = [
    ("ASSAM", "Assam Second Flush", "#7a3b12", "IN", "6.90", "15.50"),
    ("DARJE", "Darjeeling First Flush", "#b5772b", "IN", "9.80", "22.40"),
    ("CEYLO", "Ceylon Uva", "#8d4a1d", "LK", "6.40", "14.20"),
    ("EARLG", "Earl Grey", "#4d4f6e", "LK", "7.20", "16.30"),
    ("SENCH", "Sencha Yabukita", "#5f8a3c", "JP", "11.50", "26.90"),
    ("GYOKU", "Gyokuro Okumidori", "#3f6f3a", "JP", "24.00", "56.00"),
    ("OOLON", "Milk Oolong", "#9a8a4a", "TW", "10.90", "25.40"),
    ("WHITE", "White Peony", "#b9b08a", "CN", "12.40", "28.80"),
    ("ROOIB", "Rooibos", "#a5452a", "ZA", "4.90", "10.80"),
    ("MINTS", "Nana Mint", "#6fa56a", "MA", "4.20", "9.20"),
    ("CHAMO", "Chamomile", "#d8b73f", "EG", "4.60", "10.10"),
    ("CHAIS", "Masala Chai", "#8a5a3a", "IN", "6.10", "13.60"),
]

COFFEES = [
    ("YIRGA", "Yirgacheffe", "#6b3e26", "ET", "5.90", "13.90"),
    ("SIDAM", "Sidamo Natural", "#7b4a2e", "ET", "6.20", "14.50"),
    ("HUILA", "Huila Washed", "#5a3522", "CO", "5.40", "12.60"),
    ("ANTIG", "Antigua Bourbon", "#4e2f20", "GT", "5.80", "13.40"),
    ("SUMAT", "Sumatra Mandheling", "#3f271b", "ID", "5.70", "13.20"),
    ("MONSO", "Monsooned Malabar", "#7f5a3d", "IN", "5.50", "12.90"),
    ("HOUSE", "House Espresso", "#2f1d15", "BR", "4.80", "10.90"),
    ("DECAF", "Decaf Swiss Water", "#8b6a52", "PE", "6.00", "13.80"),
]

TABLEWARE = [
    ("CUPLO", "Cup Lotte", "cups", "cup", "#c9a27e", "PT", "691110", _colors("14.50", 320, (120, 95, 95)),
     "A cup of stoneware, glazed by hand; it holds 0.3 l."),
    ("BOWLT", "Tea Bowl Toni", "cups", "bowl", "#7f9c96", "PT", "691110", _colors("16.00", 280, (125, 125, 80)),
     "A bowl to warm both hands; it holds 0.25 l."),
    ("ESPRE", "Espresso Cup Ella", "cups", "cup", "#a45a52", "IT", "691110", _colors("9.80", 140, (80, 60, 60)),
     "Small, thick and heavy, so the espresso stays hot."),
    ("GLASS", "Tea Glass Gustav", "cups", "glass", "#9ec3c9", "CZ", "701337", _one("8.40", 160, (95, 75, 75)),
     "Blown glass with a double wall."),
    ("POTMI", "Teapot Mika", "pots", "pot", "#6a7f8f", "JP", "691110", _colors("54.00", 890, (210, 150, 140)),
     "A pot for four cups, with a sieve of steel."),
    ("POTIR", "Iron Pot Ingmar", "pots", "pot", "#3d3d3d", "JP", "732393", _one("89.00", 1650, (190, 160, 150)),
     "Cast iron, enameled inside; it holds 0.8 l."),
    ("PRESS", "French Press Paul", "pots", "press", "#8c8c8c", "PT", "701337", _one("39.00", 720, (180, 110, 110)),
     "For six cups of coffee."),
    ("DRIPP", "Dripper Dora", "pots", "bowl", "#d9d2c5", "JP", "691110", _one("22.00", 310, (120, 110, 100)),
     "Ceramic dripper for paper filters of size 02."),
]  # fmt: skip

PANTRY = [
    ("HONAC", "Acacia Honey", "pantry", "jar", "#e2b443", "HU", "040900", _one("7.90", 620, (95, 80, 80)),
     "500 g from one beekeeper on the Tisza."),
    ("HONHE", "Heather Honey", "pantry", "jar", "#a8641f", "DE", "040900", _one("9.40", 620, (95, 80, 80)),
     "500 g from the Lueneburg Heath; it sets like jelly."),
    ("JAMQU", "Quince Jelly", "pantry", "jar", "#d98b54", "FR", "200799", _one("5.60", 360, (80, 70, 70)),
     "225 g, made with cane sugar."),
    ("BISCU", "Butter Biscuits", "pantry", "tin", "#d1a25a", "FR", "190531", _one("4.90", 240, (160, 90, 60)),
     "Sablés from Brittany, in a tin."),
    ("SHORT", "Shortbread", "pantry", "tin", "#a33b3b", "GB", "190531", _one("5.30", 260, (170, 100, 50)),
     "Four things: flour, butter, sugar, salt."),
    ("CANDY", "Rock Candy", "pantry", "jar", "#c58a3d", "DE", "170199", _one("3.90", 330, (90, 80, 80)),
     "Brown rock candy for strong tea, 300 g."),
    ("CHOCO", "Dark Chocolate 70 %", "pantry", "bag", "#4a2a1a", "BE", "180632", _one("4.50", 110, (160, 80, 10)),
     "100 g of beans from Esmeraldas."),
    ("FILTE", "Paper Filters 02", "pantry", "bag", "#d8c7a3", "SE", "482320", _one("3.20", 140, (150, 120, 40)),
     "A hundred, unbleached."),
    ("SPOON", "Tea Measure", "pantry", "spoon", "#b08d57", "DE", "821599", _one("6.50", 40, (140, 40, 20)),
     "A brass spoon that measures a cup's worth."),
    ("CANDL", "Candle Clara", "pantry", "candle", "#e6dcc8", "DK", "340600", _colors("7.50", 210, (120, 60, 60)),
     "Rapeseed wax; it burns for thirty hours."),
    ("TOWEL", "Tea Towel Tom", "pantry", "towel", "#8fa7b8", "LT", "630260", _colors("12.00", 120, (240, 180, 15)),
     "Linen and cotton, 50 by 70 cm."),
]  # fmt: skip

KITS = {
    "SET-MORNING": ("Morning set", "39.00", {"ASSAM-100": 1, "CUPLO-SND": 2}),
    "SET-JAPAN": ("Japan set", "104.00", {"SENCH-100": 1, "POTMI-MOS": 1, "BOWLT-MOS": 2}),
    "SET-ESPRESSO": ("Espresso set", "47.00", {"HOUSE-250": 1, "ESPRE-INK": 4}),
    "SET-SWEET": ("Sweet tooth", "19.90", {"HONAC": 1, "BISCU": 1, "SHORT": 1, "CHOCO": 1}),
    "SET-BREW": ("First brew", "66.00", {"YIRGA-250": 1, "DRIPP": 1, "FILTE": 1, "CUPLO-INK": 2}),
}


def wares() -> list[Ware]:
    """Every product but the kits."""
    teas = [
        Ware(code, name, "tea", "bag", color, origin, "090210" if origin in ("JP", "CN") else "090230",
             _bags(small, large), f"{name}: loose tea in a bag that can be closed again.")
        for code, name, color, origin, small, large in TEAS
    ]  # fmt: skip
    coffees = [
        Ware(code, name, "coffee", "bag", color, origin, "090121",
             _bags(small, large), f"{name}: whole beans, roasted on Tuesdays.")
        for code, name, color, origin, small, large in COFFEES
    ]  # fmt: skip
    tableware = [Ware(*row) for row in TABLEWARE]
    pantry = [Ware(*row) for row in PANTRY]
    return [*teas, *coffees, *tableware, *pantry]


def skus() -> Iterator[DemoSku]:
    """Every SKU but the kits, with a GTIN of the range that shops number themselves (GS1 prefix 20)."""
    made = [(ware, variant) for ware in wares() for variant in ware.variants]
    for number, (ware, variant) in enumerate(made):
        code = f"{ware.code}-{variant.suffix}" if variant.suffix else ware.code
        digits = f"20{number:010}"
        yield DemoSku(code, ware, variant, digits + check_digit(digits))
