"""What is read of the shop: its orders as drafts, as someone would place them again."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime

import psycopg
import pytest
from builders import a_channel, a_kit, a_shelf, a_sku, an_order
from django.db import connection

from orderwright.kernel.errors import Invalid
from orderwright.replay.beside import Shop
from orderwright.replay.reading import Year

pytestmark = pytest.mark.django_db(transaction=True)
MORNING = datetime(2010, 12, 1, 9, 30, tzinfo=UTC)
NOON = datetime(2010, 12, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def shop(transactional_db: None) -> Iterator[Shop]:
    named = connection.settings_dict
    place = {"host": named["HOST"], "port": named["PORT"], "user": named["USER"], "password": named["PASSWORD"]}
    with closing(psycopg.connect(dbname=named["NAME"], **{key: value for key, value in place.items() if value})) as own:
        yield own


def test_an_order_is_read_as_it_was_placed(shop: Shop) -> None:
    a_sku("TEE", price="2.50", when_short="backorder")
    a_kit("SET", {"CUP": 2}, price="9.00")
    order = (
        an_order()
        .with_line("SET", 1)
        .with_line("TEE", 3, "2.125")
        .with_adjustment("shipping", "4.90", label="Parcel")
        .with_adjustment("discount", "-1.00", line=2, label="Regular")
        .to("FR")
        .placed_at(MORNING)
    )
    a_sku("MUG")
    _stock("CUP", "TEE", "MUG")
    placed = order.placed()
    an_order().with_line("MUG", 1).placed_at(NOON).placed()

    (draft,) = Year(shop, "web").drafts(MORNING, NOON)

    assert (draft.channel, draft.reference, draft.placed_at) == ("web", placed.number, MORNING)
    assert [(line.sku, line.quantity, line.unit_price) for line in draft.lines] == [
        ("SET", 1, "9.00"),
        ("TEE", 3, "2.125"),
    ]
    assert [(one.kind, one.amount, one.line, one.label) for one in draft.adjustments] == [
        ("shipping", "4.90", None, "Parcel"),
        ("discount", "-1.00", 2, "Regular"),
    ]
    assert draft.customer.email == "ada@example.org"
    assert draft.ship_to is not None
    assert (draft.ship_to.country, draft.ship_to.city) == ("FR", "Paris")
    assert [tender.method for tender in draft.tenders] == ["recorded"]
    assert draft.when_short == "backorder"


def test_what_was_sold_is_added_up(shop: Shop) -> None:
    a_sku("TEE")
    a_sku("MUG")
    _stock("TEE", "MUG")
    an_order().with_line("TEE", 3).placed_at(MORNING).placed()
    an_order().with_line("TEE", 4).with_line("MUG", 1).placed_at(datetime(2010, 12, 20, tzinfo=UTC)).placed()

    demand = Year(shop, "web").demand(MORNING, datetime(2011, 1, 1, tzinfo=UTC))

    assert [(one.code, one.first_on, one.at_first, one.altogether) for one in demand] == [
        ("MUG", date(2010, 12, 20), 1, 1),
        ("TEE", date(2010, 12, 1), 3, 7),
    ]


def test_a_channel_that_is_not_there_is_refused(shop: Shop) -> None:
    a_channel("web")

    with pytest.raises(Invalid, match="import orders first"):
        Year(shop, "nowhere")
    with pytest.raises(Invalid, match="import orders first"):
        Year(shop, None)


def _stock(*codes: str) -> None:
    for code in codes:
        a_shelf("MAIN", code, 100)
