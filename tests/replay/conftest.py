"""A shop with some weeks of imported orders, to be played; the play's database is thrown away at the end."""

import csv
import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.db import connection

from orderwright.adapters.csv_files.online_retail import COLUMNS, OnlineRetail
from orderwright.channels.importing import Wish, import_files
from orderwright.kernel import sql
from orderwright.replay.beside import play_name

FIRST_DAY = datetime(2010, 12, 1)
COUNTRIES = ["United Kingdom"] * 8 + ["Germany", "EIRE", "Unspecified"]


def write_weeks(path: Path, *, days: int, orders_a_day: int, skus: int = 60, seed: int = 5) -> int:
    """Write a file of the format online-retail; answers how many orders it has."""
    dice = random.Random(seed)
    invoice = 536365
    with path.open("w", encoding="utf-8", newline="") as stream:
        out = csv.writer(stream)
        out.writerow(COLUMNS)
        for number in range(days * orders_a_day):
            day, of_day = divmod(number, orders_a_day)
            at = FIRST_DAY + timedelta(days=day, hours=7, minutes=of_day * 700 // orders_a_day)
            invoice += 1
            customer = str(12000 + dice.randrange(90)) if dice.random() < 0.9 else ""
            country = dice.choice(COUNTRIES)
            for sku in dice.sample(range(skus), dice.randint(1, 6)):
                quantity = 6000 if number % 60 == 59 else dice.choice((1, 2, 3, 6, 12, 24))  # nobody stocks up for that
                price = f"{1 + sku / 10:.2f}"
                cells = [invoice, f"{20000 + sku}", f"THING {sku}", quantity, f"{at:%Y-%m-%dT%H:%M}", price, customer]
                out.writerow([*cells, country])
    return days * orders_a_day


@pytest.fixture
def weeks(tmp_path: Path, transactional_db: None) -> Iterator[int]:
    """Three weeks of orders in the channel `retail`; brings how many."""
    count = write_weeks(tmp_path / "weeks.csv", days=21, orders_a_day=15)
    wish = Wish("retail", "online-retail", "weeks.csv")
    report = import_files(OnlineRetail([tmp_path / "weeks.csv"], channel="retail"), wish)
    assert report.problems() == []
    yield count
    play = connection.ops.quote_name(play_name(str(connection.settings_dict["NAME"])))
    sql.run(f"DROP DATABASE IF EXISTS {play} WITH (FORCE)")
