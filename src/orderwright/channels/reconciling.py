"""Reconciling: every line of the files in exactly one outcome, and what stands in the books against what was read.

Three figures stand side by side for each outcome.  *Read*: its lines and what they come to (quantity x unit price,
exactly).  *Booked*: what the database holds for the same documents.  *Remainder*: read less booked, which is what
rounding each line to the smallest coin left over, and nothing else.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from orderwright.channels.models import Outcome
from orderwright.channels.ports import Document, Line
from orderwright.channels.taking_in import NOT_ENOUGH, Became
from orderwright.kernel import money, sql

ORDER_LINES, ADJUSTMENTS, CORRECTIONS = "order_lines", "adjustments", "stock_corrections"
WAITING, REFUSED = Outcome.WAITING.value, Outcome.REFUSED.value
OUTCOMES = (ORDER_LINES, ADJUSTMENTS, CORRECTIONS, WAITING, REFUSED)
BOOKED = (ORDER_LINES, ADJUSTMENTS)  # outcomes that come to money


@dataclass
class Sums:
    """What some lines come to."""

    lines: int = 0
    worth: int = 0  # quantity x unit price, in millionths
    minor: int = 0  # the same, each line rounded to the smallest coin
    units: int = 0  # of stock corrections, signed

    def add(self, lines: int, worth: int, minor: int = 0, units: int = 0) -> None:
        self.lines += lines
        self.worth += worth
        self.minor += minor
        self.units += units


@dataclass
class Report:
    """What became of all lines; `problems` is empty where everything reconciles."""

    currency: str
    lines: int  # in the files
    worth: int
    documents: int = 0
    before: int = 0  # documents that were here already
    orders: int = 0
    read: dict[str, Sums] = field(default_factory=lambda: {outcome: Sums() for outcome in OUTCOMES})
    booked: dict[str, Sums] = field(default_factory=lambda: {outcome: Sums() for outcome in OUTCOMES})
    reasons: dict[tuple[str, str], Sums] = field(default_factory=dict)
    dry: bool = False
    new_skus: int = 0  # that a dry run found missing in the catalog

    def add(self, document: Document, became: Became) -> None:
        """Count the lines of a document where they went."""
        self.documents += 1
        self.before += became.before
        if document.order is not None and not became.refusal:
            self.orders += 1
            self._count(ORDER_LINES, document.order_lines)
            self._count(ADJUSTMENTS, document.charges)
        elif document.order is not None:
            self._keep(REFUSED, became.refusal, document.order_lines)
            self._keep(REFUSED, became.refusal, document.charges)
        for position, one in enumerate(document.corrections):
            if position in became.short:
                self._keep(REFUSED, NOT_ENOUGH, [one.line])
            else:
                self.read[CORRECTIONS].add(1, one.line.worth, units=one.quantity)
        for outcome, lines in ((WAITING, document.waiting), (REFUSED, document.refused)):
            for kept in lines:
                self._keep(outcome, kept.reason, [kept.line])

    def compare(self, channel_id: int, references: Sequence[str]) -> None:
        """Add what the database holds for these documents."""
        rows = sql.rows(BOOKED_OF, [channel_id, sql.texts(references)])
        for outcome, lines, worth, minor, units in rows:
            self.booked[outcome].add(int(lines), int(worth), int(minor), int(units))

    def problems(self) -> list[str]:
        """Everything that does not reconcile, in words."""
        found = []
        lines, worth = (sum(getattr(sums, name) for sums in self.read.values()) for name in ("lines", "worth"))
        if lines != self.lines:
            found.append(f"The files have {self.lines} lines, and {lines} were sorted.")
        if worth != self.worth:
            found.append(f"The files come to {_exactly(self.worth)}, and what was sorted to {_exactly(worth)}.")
        for outcome in OUTCOMES if not self.dry else ():
            found += self._differences(outcome)
        return found

    def remainder(self, outcome: str) -> int:
        """What rounding to the smallest coin left over, in millionths: read less booked."""
        sums = self.read[outcome] if self.dry else self.booked[outcome]
        return self.read[outcome].worth - sums.minor * self._coin if outcome in BOOKED else 0

    def as_facts(self) -> dict[str, Any]:
        """The report as plain words and numbers; amounts are decimal numbers as text."""
        return {
            "lines": self.lines,
            "worth": _exactly(self.worth),
            "currency": self.currency,
            "documents": self.documents,
            "documents_before": self.before,
            "orders": self.orders,
            "dry_run": self.dry,
            **({"new_skus": self.new_skus} if self.dry else {}),
            "outcomes": {outcome: self._facts(outcome) for outcome in OUTCOMES},
            "reasons": [
                {"outcome": outcome, "reason": reason, "lines": sums.lines, "worth": _exactly(sums.worth)}
                for (outcome, reason), sums in sorted(self.reasons.items())
            ],
            "problems": self.problems(),
        }

    @property
    def _coin(self) -> int:
        """The smallest coin, in millionths."""
        return int(10 ** (6 - money.decimals(self.currency)))

    def _facts(self, outcome: str) -> dict[str, Any]:
        read, booked = self.read[outcome], self.booked[outcome]
        facts: dict[str, Any] = {"lines": read.lines, "worth": _exactly(read.worth)}
        if not self.dry:
            facts["booked_lines"] = booked.lines
        if outcome in BOOKED:
            minor = read.minor if self.dry else booked.minor
            facts |= {
                "amount": money.write(minor, self.currency),
                "rounding_remainder": _exactly(self.remainder(outcome)),
            }
        if outcome == CORRECTIONS:
            facts["units"] = read.units
        return facts

    def _differences(self, outcome: str) -> Iterable[str]:
        read, booked = self.read[outcome], self.booked[outcome]
        if read.lines != booked.lines:
            yield f"{outcome}: {read.lines} lines were read and {booked.lines} are booked."
        if outcome != ADJUSTMENTS and read.worth != booked.worth:
            yield f"{outcome}: {_exactly(read.worth)} were read and {_exactly(booked.worth)} are booked."
        if outcome in BOOKED and read.minor != booked.minor:
            amounts = [f"{money.write(sums.minor, self.currency)} {self.currency}" for sums in (read, booked)]
            yield f"{outcome}: the lines come to {amounts[0]} when each is rounded, and {amounts[1]} are booked."
        if read.units != booked.units:
            yield f"{outcome}: {read.units} units were read and {booked.units} are booked."

    def _count(self, outcome: str, lines: Iterable[Line]) -> None:
        coin, count, worth, minor = self._coin, 0, 0, 0
        for line in lines:
            count += 1
            worth += line.worth
            minor += money.round_half_away(line.worth, coin)
        self.read[outcome].add(count, worth, minor)

    def _keep(self, outcome: str, reason: str, lines: Sequence[Line]) -> None:
        worth = sum(line.worth for line in lines)
        self.read[outcome].add(len(lines), worth)
        if lines:
            self.reasons.setdefault((outcome, reason), Sums()).add(len(lines), worth)


def _exactly(worth: int) -> str:
    """Millionths as a decimal number, with two decimals at least."""
    return f"{'-' if worth < 0 else ''}{money.write_micros(abs(worth))}"


# What is there for these documents of a channel: lines of their orders, adjustments they came with, units that the
# events of their corrections moved, and lines that are kept.
BOOKED_OF = """
    WITH asked AS MATERIALIZED (
        SELECT d.channel_id, d.reference, d.refusal, d.event_ids
          FROM (SELECT %s::bigint AS channel_id) c, unnest(%s::text[]) AS r(reference), taken_document d
         WHERE d.channel_id = c.channel_id AND d.reference = r.reference
    ), placed AS MATERIALIZED (
        SELECT o.id FROM asked a JOIN orders o ON o.channel_id = a.channel_id AND o.reference = a.reference
         WHERE a.refusal = ''
    )
    SELECT 'order_lines', count(*), coalesce(sum(l.quantity::numeric * l.unit_price_micros), 0),
           coalesce(sum(l.total_minor), 0), 0
      FROM placed p JOIN order_line l ON l.order_id = p.id WHERE l.parent_id IS NULL
    UNION ALL
    SELECT 'adjustments', count(*), 0, coalesce(sum(j.amount_minor), 0), 0
      FROM placed p JOIN order_adjustment j ON j.order_id = p.id WHERE j.kind <> 'cancellation'
    UNION ALL
    SELECT 'stock_corrections', count(*), 0, 0, coalesce(sum((c ->> 'quantity')::bigint), 0)
      FROM asked a JOIN event e ON e.id = ANY (a.event_ids), jsonb_array_elements(e.facts -> 'lines') c
    UNION ALL
    SELECT i.outcome, count(*), coalesce(sum(i.worth_micros), 0), 0, 0
      FROM asked a JOIN inbound i ON i.reference = a.reference JOIN order_import r ON r.id = i.run_id
     WHERE r.channel_id = a.channel_id
     GROUP BY i.outcome
"""
