"""What must always be true of orders and their lines."""

from babel.core import get_global

from orderwright.kernel.auditing import Check, of_book
from orderwright.orders.book import LINES
from orderwright.orders.models import LINE_BUCKETS

LINES_ARE_WHOLE = f"""
    SELECT o.number AS order, l.position AS line, coalesce(l.quantity, 0) AS quantity, s.units AS in_buckets
      FROM (SELECT id, order_id, position, quantity FROM order_line WHERE NOT is_kit) l
      FULL JOIN (SELECT holder_id, sum({" + ".join(LINE_BUCKETS)})::bigint AS units
                   FROM line_sheet GROUP BY holder_id) s ON s.holder_id = l.id
      LEFT JOIN order_line k ON l.id IS NULL AND k.id = s.holder_id
      LEFT JOIN orders o ON o.id = coalesce(l.order_id, k.order_id)
     WHERE l.quantity IS DISTINCT FROM s.units
"""

KITS_HAVE_THEIR_PARTS = """
    SELECT o.number AS order, p.position AS line, 'is no proper part of its kit' AS wrong
      FROM order_line p
      JOIN order_line k ON k.id = p.parent_id
      JOIN orders o ON o.id = p.order_id
     WHERE NOT k.is_kit OR p.is_kit OR p.order_id <> k.order_id OR p.quantity % k.quantity <> 0
        OR p.unit_price_micros <> 0 OR p.total_minor <> 0
     UNION ALL
    SELECT o.number, k.position, 'is a kit without parts'
      FROM order_line k
      JOIN orders o ON o.id = k.order_id
      LEFT JOIN (SELECT DISTINCT parent_id FROM order_line WHERE parent_id IS NOT NULL) p ON p.parent_id = k.id
     WHERE k.is_kit AND p.parent_id IS NULL
"""


def _coins() -> str:
    """How many millionths the smallest coin of a currency `o.currency` is: 10,000 with two decimals."""
    digits: dict[int, list[str]] = {}
    for currency, (decimals, *_rest) in get_global("currency_fractions").items():
        if currency != "DEFAULT" and decimals != 2:
            digits.setdefault(decimals, []).append(f"'{currency}'")
    cases = [f"WHEN o.currency IN ({', '.join(sorted(of))}) THEN {10 ** (6 - n)}" for n, of in sorted(digits.items())]
    return f"CASE {' '.join(cases)} ELSE 10000 END"


# PostgreSQL rounds a numeric half away from zero, as `kernel.money` does.
LINE_TOTALS = f"""
    SELECT o.number AS order, l.position AS line, l.quantity, l.unit_price_micros, l.total_minor AS total
      FROM order_line l
      JOIN orders o ON o.id = l.order_id
     WHERE l.total_minor <> round(l.quantity::numeric * l.unit_price_micros / {_coins()})
"""

ADJUSTMENTS_OF_THEIR_ORDER = """
    SELECT o.number AS order, a.id AS adjustment, a.kind, a.amount_minor AS amount
      FROM order_adjustment a
      JOIN order_line l ON l.id = a.line_id
      JOIN orders o ON o.id = a.order_id
     WHERE l.order_id <> a.order_id OR l.parent_id IS NOT NULL
"""

CANCELED_COME_TO_NOTHING = """
    SELECT o.number AS order, s.total_minor AS total
      FROM order_summary s
      JOIN orders o ON o.id = s.order_id
     WHERE s.fulfilment = 'canceled' AND s.total_minor <> 0
"""

CHECKS = (
    *of_book(LINES),
    Check(
        "lines_are_whole",
        "The units of every line are all somewhere: its buckets add up to its quantity; a kit's own line has none.",
        LINES_ARE_WHOLE,
    ),
    Check(
        "kits_have_their_parts",
        "Every kit's line has its parts, in whole numbers for each kit, and they cost nothing.",
        KITS_HAVE_THEIR_PARTS,
    ),
    Check(
        "line_totals_are_rounded_once",
        "Every line comes to its quantity times its unit price, rounded once, half away from zero.",
        LINE_TOTALS,
    ),
    Check(
        "adjustments_stay_in_their_order",
        "Every adjustment of a line belongs to the order of that line, and none to a part of a kit.",
        ADJUSTMENTS_OF_THEIR_ORDER,
    ),
    Check(
        "canceled_orders_come_to_nothing",
        "Every order that was canceled whole comes to nothing.",
        CANCELED_COME_TO_NOTHING,
    ),
)
