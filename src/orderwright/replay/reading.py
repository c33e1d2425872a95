"""The year as it was imported: its orders as drafts, read from the shop, a few days at once."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from orderwright.customers.drafting import AddressDraft, CustomerDraft
from orderwright.kernel import money
from orderwright.kernel.errors import Invalid
from orderwright.orders.drafting import AdjustmentDraft, Draft, LineDraft, TenderDraft
from orderwright.replay.addresses import address
from orderwright.replay.beside import Shop

RECORDED = [TenderDraft("recorded")]  # the money came when the file was written


class Demand(NamedTuple):
    """What was sold of a SKU in the span that is played: since when, in its first two weeks, and altogether."""

    code: str
    name: str
    first_on: date
    at_first: int
    altogether: int


class Year:
    """The orders of one channel of the shop, in the order in which they were placed."""

    def __init__(self, shop: Shop, channel: str | None) -> None:
        self._shop = shop
        found = self._rows(CHANNEL, {"code": channel}) if channel else self._rows(LAST_IMPORT, [])
        if not found:
            raise Invalid(field="channel", problem="there is none to play; import orders first: orderwright import")
        self._id, self.channel, self.name, self.currency, self.number_prefix = found[0]

    def span(self) -> tuple[datetime, datetime] | None:
        """When the first and the last order were placed; None where there are none."""
        first, last = self._rows("SELECT min(placed_at), max(placed_at) FROM orders WHERE channel_id = %s", [self._id])[
            0
        ]
        return (first, last) if first else None

    def count(self, since: datetime, until: datetime) -> int:
        """How many orders were placed in [since, until)."""
        return int(self._rows(COUNT, [self._id, since, until])[0][0])

    def demand(self, since: datetime, until: datetime) -> list[Demand]:
        """What was sold in [since, until), SKU by SKU."""
        return [Demand(*row) for row in self._rows(DEMAND, {"channel": self._id, "since": since, "until": until})]

    def drafts(self, since: datetime, until: datetime) -> list[Draft]:
        """The orders that were placed in [since, until), as someone would place them again."""
        orders = self._rows(ORDERS, [self._id, since, until])
        ids = [order[0] for order in orders]
        lines, positions = defaultdict(list), {}
        for order_id, position, sku, name, quantity, price in self._rows(LINES, [ids]):
            lines[order_id].append(LineDraft(sku, quantity, money.write_micros(price), name))
            positions[order_id, position] = len(lines[order_id])
        adjustments = defaultdict(list)
        for order_id, position, kind, label, amount, included in self._rows(ADJUSTMENTS, [ids]):
            text = money.write(amount, self.currency)
            line = positions[order_id, position] if position else None
            adjustments[order_id].append(AdjustmentDraft(kind, label, text, line=line, included=included))
        return [self._draft(order, lines[order[0]], adjustments[order[0]]) for order in orders if lines[order[0]]]

    def _draft(self, order: Any, lines: list[LineDraft], adjustments: list[AdjustmentDraft]) -> Draft:
        order_id, number, reference, placed_at, who, email, language, country, region, company = order
        own = (who or "").partition(":")[2]
        named = int(own) if own.isdigit() else order_id
        customer = CustomerDraft(
            email=email or (f"customer.{own}@example.com" if own else f"guest.{number}@example.com").lower(),
            reference=own,
            name=f"Customer {named}",
            language=language,
        )
        to: AddressDraft = address(country, region, company, named)
        return Draft(
            channel=self.channel,
            lines=lines,
            customer=customer,
            reference=reference or number,
            ship_to=to,
            adjustments=adjustments,
            tenders=RECORDED,
            when_short="backorder",
            placed_at=placed_at,
        )

    def _rows(self, statement: str, parameters: Sequence[Any] | dict[str, Any]) -> list[Any]:
        return self._shop.execute(statement, parameters).fetchall()


CHANNEL = "SELECT id, code, name, currency, number_prefix FROM channel WHERE code = %(code)s"

LAST_IMPORT = """
    SELECT c.id, c.code, c.name, c.currency, c.number_prefix
      FROM order_import i
      JOIN channel c ON c.id = i.channel_id
     ORDER BY i.id DESC
     LIMIT 1
"""

SPAN = "SELECT min(placed_at), max(placed_at) FROM orders WHERE channel_id = %s"

COUNT = "SELECT count(*) FROM orders WHERE channel_id = %s AND placed_at >= %s AND placed_at < %s"

DEMAND = """
    WITH sold AS (
        SELECT s.code, s.name, l.quantity, o.placed_at::date AS on_day,
               min(o.placed_at::date) OVER (PARTITION BY s.id) AS first_on
          FROM orders o
          JOIN order_line l ON l.order_id = o.id AND l.parent_id IS NULL
          JOIN sku s ON s.id = l.sku_id
         WHERE o.channel_id = %(channel)s AND o.placed_at >= %(since)s AND o.placed_at < %(until)s)
    SELECT code, name, first_on, (coalesce(sum(quantity) FILTER (WHERE on_day < first_on + 14), 0))::bigint,
           sum(quantity)::bigint
      FROM sold
     GROUP BY code, name, first_on
     ORDER BY code COLLATE "C"
"""

ORDERS = """
    SELECT o.id, o.number, o.reference, o.placed_at, c.reference, c.email, c.language, coalesce(a.country, ''),
           coalesce(a.region, ''), coalesce(a.company, '')
      FROM orders o
      JOIN customer c ON c.id = o.customer_id
      LEFT JOIN address a ON a.id = o.ship_to_id
     WHERE o.channel_id = %s AND o.placed_at >= %s AND o.placed_at < %s
     ORDER BY o.placed_at, o.id
"""

LINES = """
    SELECT l.order_id, l.position, s.code, l.name, l.quantity, l.unit_price_micros
      FROM order_line l
      JOIN sku s ON s.id = l.sku_id
     WHERE l.order_id = ANY (%s) AND l.parent_id IS NULL
     ORDER BY l.order_id, l.position
"""

ADJUSTMENTS = """
    SELECT a.order_id, l.position, a.kind, a.label, a.amount_minor, a.included
      FROM order_adjustment a
      LEFT JOIN order_line l ON l.id = a.line_id
     WHERE a.order_id = ANY (%s) AND a.kind IN ('discount', 'shipping', 'fee', 'tax')
     ORDER BY a.id
"""
