"""A file of invoice lines that never were, in the shape and with the dirt of the "Online Retail" data set.

`write(path, lines)` writes the same file for the same number of lines and seed, plain or, where the name ends in
`.xz`, packed.  It has what the real one has: orders of guests and of customers, 27 lines each on the average, the same
SKU twice, prices that change, gifts, postage, discounts and fees; invoices without goods; credit notes; entries of
accountants; corrections of stock with remarks; codes in small letters; names that differ or are missing; invoices that
last two minutes; and one invoice whose lines do not stand together.
"""

import csv
import lzma
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import accumulate
from pathlib import Path
from random import Random

HEADER = ["InvoiceNo", "StockCode", "Description", "Quantity", "InvoiceDate", "UnitPrice", "CustomerID", "Country"]
TO_THE_MINUTE = "%Y-%m-%dT%H:%M"
SKUS = 4_000
CUSTOMERS = 4_300
COUNTRIES = ["United Kingdom"] * 90 + ["Germany", "France", "EIRE", "RSA", "USA", "Channel Islands", "Unspecified"]
THINGS = ["LANTERN", "BUNTING", "TEACUP", "DOORMAT", "CAKE STAND", "GIFT BAG", "MIRROR", "HOOK", "CANDLE", "PUZZLE"]
LOOKS = ["RED", "BLUE", "VINTAGE", "RETROSPOT", "WOODEN", "SPOTTY", "HEART", "PANTRY", "REGENCY", "PAPER"]
CHARGES = [("POST", "POSTAGE", "18.0"), ("DOT", "DOTCOM POSTAGE", "42.37"), ("C2", "CARRIAGE", "50.0"),
           ("M", "Manual", "1.25"), ("BANK CHARGES", "Bank Charges", "0.001")]  # fmt: skip
LOST = ["damages", "lost", "?", "wrongly marked", "nan", "check", "showroom"]
FOUND = ["found", "nan", "check", "adjustment"]

Cells = list[str]


def write(path: Path, lines: int, seed: int = 1) -> None:
    """Write a file of so many lines, header aside; at least 100."""
    assert lines >= 100, lines
    packed = path.suffix == ".xz"
    with (
        lzma.open(path, "wt", encoding="utf-8", newline="", preset=1)
        if packed
        else path.open("w", encoding="utf-8", newline="") as stream
    ):
        out = csv.writer(stream, lineterminator="\n")
        out.writerow(HEADER)
        for number, row in enumerate(_Shop(seed).rows(), start=1):
            out.writerow(row)
            if number == lines:
                return


class _Shop:
    """A shop that never was, one invoice after the other."""

    def __init__(self, seed: int) -> None:
        self.random = random = Random(seed)
        self.clock = datetime(2010, 12, 1, 8, 26, tzinfo=UTC)  # of the shop, whatever the zone
        self.invoice = 536365
        self.codes = [f"{20000 + n}{random.choice(['', '', '', 'A', 'B', 'BL'])}" for n in range(SKUS)]
        self.names = [f"{random.choice(LOOKS)} {random.choice(THINGS)} {n}" for n in range(SKUS)]
        self.prices = [Decimal(random.randint(19, 1495)) / 100 for _ in range(SKUS)]
        self.popular = list(accumulate(1 / (rank + 20) for rank in range(SKUS)))
        self.sold: list[tuple[Cells, ...]] = []

    def rows(self) -> Iterator[Cells]:
        """Rows without end.  The dirt that is rare stands at the beginning, so that a short file has it too."""
        yield from self._split_invoice()
        yield from self._accounting_entry()
        while True:
            self.clock += timedelta(minutes=self.random.randint(0, 20))
            kind = self.random.random()
            if kind < 0.76:
                yield from self._order()
            elif kind < 0.77:
                yield from self._only_charges()
            elif kind < 0.84:
                yield self._correction()
            else:
                yield from self._credit_note()

    def _order(self) -> list[Cells]:
        random, rows = self.random, []
        heading = self._heading()
        for _ in range(min(600, max(1, round(random.lognormvariate(2.7, 1.0))))):
            rows.append(self._line(heading))
        if random.random() < 0.1:
            rows.append([*rows[0]])  # the same SKU twice
        if random.random() < 0.03:
            rows[-1][5] = "0.0"  # a gift
        if random.random() < 0.1:
            code, name, price = random.choice(CHARGES)
            rows.append(self._row(heading, code, name, "1", price))
        if len(rows) > 1 and random.random() < 0.005:
            rows[-1][4] = (self.clock + timedelta(minutes=1)).strftime(TO_THE_MINUTE)
        if heading[1]:
            self.sold.append(tuple(rows[:3]))
            del self.sold[:-200]
        return rows

    def _split_invoice(self) -> Iterator[Cells]:
        """An invoice with another one in between."""
        first, second = self._order(), self._order()
        late = [*first[-1]]
        late[1], late[2] = self.codes[0], self.names[0]
        yield from first
        yield from second
        yield late

    def _only_charges(self) -> list[Cells]:
        return [self._row(self._heading(), "M", "Manual", "1", "15.0")]

    def _accounting_entry(self) -> list[Cells]:
        row = self._row(self._heading(customer=""), "B", "Adjust bad debt", "1", "-11062.06")
        row[0] = f"A{row[0]}"
        return [row]

    def _correction(self) -> Cells:
        """Units lost or found: no customer, no price, a remark."""
        random = self.random
        lost = random.random() < 0.6
        quantity = random.randint(1, 60) * (-1 if lost else 1)
        remark = random.choice(LOST if lost else FOUND)
        return self._row(self._heading(customer=""), random.choice(self.codes), remark, str(quantity), "0.0")

    def _credit_note(self) -> Iterator[Cells]:
        """Goods that were sold before come back, or a discount is given afterwards."""
        if not self.sold:
            return
        invoice, customer, country = self._heading()
        if self.random.random() < 0.05:
            yield self._row((f"C{invoice}", customer, country), "D", "Discount", "-1", "12.5")
            return
        for row in self.random.choice(self.sold)[: self.random.randint(1, 3)]:
            back = self._row((f"C{invoice}", row[6], row[7]), row[1], row[2], f"-{row[3]}", row[5])
            yield back

    def _heading(self, customer: str | None = None) -> tuple[str, str, str]:
        self.invoice += 1
        if customer is None:
            customer = "" if self.random.random() < 0.1 else str(12000 + self.random.randrange(CUSTOMERS))
        return str(self.invoice), customer, self.random.choice(COUNTRIES)

    def _line(self, heading: tuple[str, str, str]) -> Cells:
        random = self.random
        (rank,) = random.choices(range(SKUS), cum_weights=self.popular)
        code, name, price = self.codes[rank], self.names[rank], self.prices[rank]
        dirt = random.random()
        if dirt < 0.002:
            name = "nan"
        elif dirt < 0.01:
            name = f"{name} "
        elif dirt < 0.015:
            name = f"{name}, BOXED"
        elif dirt < 0.02:
            code = code.lower()
        elif dirt < 0.06:
            price = (price * Decimal("1.7")).quantize(Decimal("0.01"))
        quantity = random.choice([1, 1, 2, 2, 3, 4, 6, 6, 8, 10, 12, 12, 24, 48])
        if dirt > 0.9999:
            quantity = 80_995
        return self._row(heading, code, name, str(quantity), str(float(price)))

    def _row(self, heading: tuple[str, str, str], code: str, name: str, quantity: str, price: str) -> Cells:
        invoice, customer, country = heading
        return [invoice, code, name, quantity, self.clock.strftime(TO_THE_MINUTE), price, customer, country]


if __name__ == "__main__":
    write(Path(sys.argv[1]), int(sys.argv[2]))
