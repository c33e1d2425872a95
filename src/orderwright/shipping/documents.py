"""Documents that go with a shipment: the packing slip, which tells whoever opens a box what is in it."""

from collections.abc import Collection, Sequence
from datetime import datetime
from decimal import Decimal
from functools import cache
from importlib.resources import files
from itertools import groupby
from threading import Lock
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import msgspec
import typst
from babel import Locale
from babel.dates import format_date
from babel.numbers import format_currency, format_decimal
from django.conf import settings
from django.utils import translation
from django.utils.translation import gettext as _

from orderwright.kernel import sql
from orderwright.kernel.barcodes import code_128
from orderwright.kernel.errors import NotFound

_ONE_AT_A_TIME = Lock()


class PackedLine(NamedTuple):
    """So many units of an order line in a package; of a kit's part, with its kit."""

    shipment: str
    package: str
    weight_grams: int | None
    carrier: str
    tracking_number: str
    position: int
    sku: str
    name: str
    quantity: int
    unit_price_micros: int
    kit_position: int | None
    kit_sku: str | None
    kit_name: str | None
    kit_price_micros: int | None


class Head(NamedTuple):
    """What a packing slip says of its shipment as a whole."""

    shipment: str
    order: str
    placed_at: datetime
    prepared_at: datetime
    time_zone: str
    location: list[str]
    language: str
    address: list[str]
    gift_message: str
    hide_prices: bool
    currency: str

    @property
    def is_gift(self) -> bool:
        """Who opens the box is not to learn what it cost."""
        return self.hide_prices or bool(self.gift_message)


def packing_slip(shipment: str, *, with_prices: bool = False) -> bytes:
    """The packing slip of a shipment, a PDF of A4 pages in the customer's language; refused where there is none."""
    return printed([slip(shipment, with_prices=with_prices)])


def printed(told: Sequence[dict[str, Any]]) -> bytes:
    """Packing slips as one PDF, each from a page of its own on; there is at least one."""
    with _ONE_AT_A_TIME:
        made = _compiler().compile(sys_inputs={"slips": msgspec.json.encode(told).decode()}, format="pdf")
    assert isinstance(made, bytes)
    return made


def slip(shipment: str, *, with_prices: bool = False) -> dict[str, Any]:
    """What a packing slip says, as its template wants it; refused where there is no such shipment."""
    found = slips([shipment], with_prices=with_prices) if "\x00" not in shipment else {}
    if shipment not in found:
        raise NotFound(thing="shipment", name=shipment)
    return found[shipment]


def slips(shipments: Collection[str], *, with_prices: bool = False) -> dict[str, dict[str, Any]]:
    """What the packing slips of these shipments say; two statements, however many they are.

    Prices, of a unit each, are on them for who may see them, and never where the order is a gift.
    """
    names = [sql.texts(shipments)]
    inside: dict[str, list[PackedLine]] = {}
    for row in sql.rows(INSIDE, names):
        inside.setdefault(row[0], []).append(PackedLine(*row))
    heads = [Head(*row) for row in sql.rows(HEAD, names)]
    return {head.shipment: _slip(head, inside.get(head.shipment, []), with_prices) for head in heads}


def packed_for(orders: Collection[int]) -> dict[int, list[str]]:
    """The shipments that were packed for these orders and not unpacked again, the oldest first; one statement."""
    found: dict[int, list[str]] = {}
    for order, name in sql.rows(PACKED_FOR, [sql.ints(sorted(orders))]):
        found.setdefault(order, []).append(name)
    return found


def _slip(head: Head, lines: Sequence[PackedLine], with_prices: bool) -> dict[str, Any]:
    shipment, number, placed_at, prepared_at, time_zone, location, language, address, gift_message, *_rest = head
    spoken = _spoken(language)
    currency = head.currency if with_prices and not head.is_gift else ""
    packages = [list(found) for _name, found in groupby(lines, key=lambda line: line.package)]
    with translation.override(spoken):
        units = sum(line.quantity for line in lines)
        return {
            "language": spoken,
            "shop": settings.SHOP_NAME,
            "title": _("Packing slip"),
            "to": {"label": _("Ship to"), "lines": _address(address, spoken)},
            "facts": [
                [_("Order"), number],
                [_("Ordered on"), _day(placed_at, time_zone, spoken)],
                [_("Shipment"), shipment],
                [_("Packed on"), _day(prepared_at, time_zone, spoken)],
                [_("Shipped from"), ", ".join(filter(None, dict.fromkeys(location)))],
            ],
            "shipment": shipment,
            "barcode": code_128(shipment),
            "columns": [_("Quantity"), _("SKU"), _("Article"), *([_("Unit price")] if currency else [])],
            "gift": {"label": _("A message for you"), "text": gift_message},
            "packages": [
                _package(found, place, len(packages), spoken, currency) for place, found in enumerate(packages, 1)
            ],
            "total": _("Units in this shipment: %(units)s") % {"units": units},
            "page": _("Page"),
        }


def _package(lines: list[PackedLine], place: int, of: int, language: str, currency: str) -> dict[str, Any]:
    """A package: its heading, what tells it from others, and its rows: a kit's heading above its parts."""
    first = lines[0]
    marks = [" ".join(filter(None, [first.carrier, first.tracking_number]))]
    if first.weight_grams:
        marks.insert(0, f"{format_decimal(round(first.weight_grams / 1000, 2), locale=language)} kg")
    rows: list[dict[str, Any]] = []
    for kit, parts in groupby(lines, key=lambda line: line[-4:]):
        _position, sku, name, micros = kit
        is_part = sku is not None
        if is_part:
            price = _price(micros or 0, currency, language)
            rows.append({"quantity": "", "sku": sku, "name": name, "price": price, "is_kit": True, "is_part": False})
        rows += [
            {
                "quantity": str(line.quantity),
                "sku": line.sku,
                "name": line.name,
                "price": "" if is_part else _price(line.unit_price_micros, currency, language),
                "is_kit": False,
                "is_part": is_part,
            }
            for line in parts
        ]
    return {
        "heading": _("Package %(place)s of %(of)s") % {"place": place, "of": of},
        "marks": [mark for mark in marks if mark],
        "rows": rows,
    }


def _price(micros: int, currency: str, language: str) -> str:
    return str(format_currency(Decimal(micros).scaleb(-6), currency, locale=language)) if currency else ""


@cache
def _compiler() -> typst.Compiler:
    """With its fonts read once; the system's are there for letters that ours do not have."""
    return typst.Compiler(str(files("orderwright.shipping") / "packing_slip.typ"))


def _spoken(language: str) -> str:
    """The language that we have and that is nearest to the customer's."""
    nearest = language.split("-")[0].lower()
    return nearest if nearest in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


def _day(moment: datetime, time_zone: str, language: str) -> str:
    """The day that it was where the shipment leaves from."""
    return str(format_date(moment.astimezone(ZoneInfo(time_zone)).date(), "long", locale=language))


def _address(address: list[str], language: str) -> list[str]:
    """Where it goes, line by line, the country last; empty where the customer is forgotten."""
    name, company, street, postal_code, city, region, country = address
    town = " ".join(filter(None, [postal_code, city]))
    spelled = Locale.parse(language).territories.get(country, country)
    return list(filter(None, [name, company, *street.splitlines(), town, region, spelled]))


HEAD = """
    SELECT s.name, o.number, o.placed_at, s.prepared_at, l.time_zone, ARRAY[l.name, l.city], u.language,
           ARRAY[coalesce(nullif(a.name, ''), u.name), coalesce(a.company, ''), coalesce(a.street, ''),
                 coalesce(a.postal_code, ''), coalesce(a.city, ''), coalesce(a.region, ''), coalesce(a.country, '')],
           coalesce(w.gift_message, ''), coalesce(w.hide_prices, false), o.currency
      FROM shipment s
      JOIN orders o ON o.id = s.order_id
      JOIN customer u ON u.id = o.customer_id
      JOIN location l ON l.id = s.location_id
      LEFT JOIN address a ON a.id = o.ship_to_id
      LEFT JOIN order_wish w ON w.order_id = o.id
     WHERE s.name = ANY (%s::text[])
"""

# A line may be in a package by two fulfilment lines, where its work was moved and merged.
INSIDE = """
    SELECT s.name, p.name, p.weight_grams, p.carrier, coalesce(p.tracking_number, ''), n.position, k.code, n.name,
           sum(c.quantity)::bigint, n.unit_price_micros, h.position, t.code, h.name, h.unit_price_micros
      FROM package p
      JOIN shipment s ON s.id = p.shipment_id
      JOIN package_content c ON c.package_id = p.id
      JOIN order_line n ON n.id = c.line_id
      JOIN sku k ON k.id = n.sku_id
      LEFT JOIN order_line h ON h.id = n.parent_id
      LEFT JOIN sku t ON t.id = h.sku_id
     WHERE s.name = ANY (%s::text[])
     GROUP BY s.id, p.id, n.id, k.id, h.id, t.id
     ORDER BY p.id, n.position
"""

PACKED_FOR = """
    SELECT order_id, name FROM shipment
     WHERE order_id = ANY (%s::bigint[]) AND state <> 'discarded'
     ORDER BY order_id, id
"""
