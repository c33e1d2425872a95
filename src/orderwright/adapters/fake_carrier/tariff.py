"""What the fake carrier costs and how long it takes: by zone, weight and service."""

from collections.abc import Sequence
from typing import NamedTuple

NEIGHBOURS = frozenset(["AT", "BE", "CH", "CZ", "DE", "DK", "FR", "GB", "IE", "IT", "LI", "LU", "MC", "NL", "PL"])
FURTHER = ("BG", "CY", "EE", "ES", "FI", "GR", "HR", "HU", "IS", "LT", "LV", "MT", "NO", "PT", "RO", "SE", "SI", "SK")
EUROPE = NEIGHBOURS.union(FURTHER)
NOT_SERVED = frozenset(["AQ", "BV", "HM", "KP", "TF"])
HEAVIEST_GRAMS = 31_500
LONGEST_MM = 2_000
STEPS_GRAMS = (500, 1_000, 2_000, 5_000, 10_000, 20_000, HEAVIEST_GRAMS)


class Product(NamedTuple):
    """A product: its name, its price in cents for the first step at home, and its days at home."""

    code: str
    name: str
    base_minor: int
    days: tuple[int, int]


PRODUCTS = (
    Product("economy", "Economy", 390, (2, 5)),
    Product("standard", "Standard", 490, (1, 3)),
    Product("express", "Express", 1190, (1, 1)),
)
ZONE_FACTORS = (100, 180, 260, 520)  # percent of the price at home, for zones 0 to 3
ZONE_DAYS = (0, 1, 2, 5)  # more than at home


def zone(sender: str, receiver: str) -> int | None:
    """0: at home, 1: neighbours, 2: Europe, 3: the world; None: it does not go there."""
    if receiver in NOT_SERVED or len(receiver) != 2:
        return None
    if sender == receiver:
        return 0
    if sender in NEIGHBOURS and receiver in NEIGHBOURS:
        return 1
    return 2 if sender in EUROPE and receiver in EUROPE else 3


def product(code: str) -> Product | None:
    return next((one for one in PRODUCTS if one.code == code), None)


def price_minor(one: Product, zone_: int, weight_grams: int) -> int:
    """Cents: the base price, more with each zone and each step of weight."""
    step = next((index for index, most in enumerate(STEPS_GRAMS) if weight_grams <= most), len(STEPS_GRAMS))
    return (one.base_minor + 140 * step) * ZONE_FACTORS[zone_] // 100


def days(one: Product, zone_: int) -> tuple[int, int]:
    """The least and the most days to there."""
    return one.days[0] + ZONE_DAYS[zone_], one.days[1] + ZONE_DAYS[zone_]


def quotes(sender: str, receiver: str, weight_grams: int) -> Sequence[dict[str, object]]:
    """All products that go there, with their prices and days."""
    there = zone(sender, receiver)
    if there is None:
        return []
    return [
        {
            "service": one.code,
            "name": one.name,
            "price_minor": price_minor(one, there, weight_grams),
            "currency": "EUR",
            "days_least": days(one, there)[0],
            "days_most": days(one, there)[1],
        }
        for one in PRODUCTS
    ]
