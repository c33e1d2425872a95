"""Stories of placing: what is kept, what waits, what is refused, and that a refusal leaves nothing."""

import threading
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
from builders import CLERK, a_channel, a_kit, a_location, a_shelf, a_sku, an_order, place, shelf
from django.db import connection

from orderwright.catalog.models import Sku
from orderwright.customers.models import Address, Customer
from orderwright.flows.place_orders import Placed, Refused, Request, place_orders
from orderwright.inventory.models import Location, SafetyStock
from orderwright.kernel.models import Event, NumberSeries, RememberedAnswer
from orderwright.orders.models import Adjustment, Line, Order, Tag
from orderwright.payments.models import Attempt, Tender

pytestmark = pytest.mark.django_db


def nothing_was_placed() -> bool:
    return not (
        Order.objects.exists()
        or Line.objects.exists()
        or Tender.objects.exists()
        or Customer.objects.exists()
        or Address.objects.exists()
        or NumberSeries.objects.filter(last__gt=0).exists()
        or Event.objects.filter(kind="order.placed").exists()
    )


def test_keeps_stock_and_tells_where():
    a_shelf("BERLIN", "TEE", 5)

    order = an_order().with_line("TEE", 3, "9.99").placed()

    assert order.number == "1"
    assert order.units == {"reserved": 3}
    assert shelf("BERLIN", "TEE") == {"available": 2, "reserved": 3}
    assert order.events == ["order.placed"]
    assert order.status == "ready"
    (line,) = order.receipt["lines"]
    assert line == {
        "position": 1,
        "sku": "TEE",
        "quantity": 3,
        "unit_price": "9.99",
        "total": "29.97",
        "reserved": [{"location": "BERLIN", "quantity": 3}],
        "backordered": 0,
        "wanted": 3,
        "parts": [],
    }
    assert Event.objects.get(kind="order.placed").facts == order.receipt


def test_a_refused_order_leaves_no_trace_and_spoils_no_neighbour():
    a_shelf("BERLIN", "TEE", 5)

    first, second = place(an_order().with_line("TEE", 10), an_order().with_line("TEE", 5))

    assert isinstance(first, Refused)
    assert first.refusal.code == "out_of_stock"
    assert first.refusal.facts["short"] == [{"sku": "TEE", "wanted": 10, "left": 5}]
    assert isinstance(second, Placed)
    assert second.number == "1"
    assert shelf("BERLIN", "TEE") == {"reserved": 5}


def test_a_refusal_alone_changes_nothing():
    a_shelf("BERLIN", "TEE", 1)

    (outcome,) = place(an_order().with_line("TEE", 2).to("DE"))

    assert isinstance(outcome, Refused)
    assert nothing_was_placed()
    assert shelf("BERLIN", "TEE") == {"available": 1}


def test_keeps_what_there_is_and_backorders_the_rest():
    a_sku("TEE", when_short="backorder")
    a_shelf("BERLIN", "TEE", 3)

    order = an_order().with_line("TEE", 5).but(when_short="backorder").placed()

    assert order.units == {"reserved": 3, "backordered": 2}
    assert shelf("BERLIN", "TEE") == {"reserved": 3}
    assert order.status == "backordered"


def test_a_sku_whose_policy_denies_is_not_backordered():
    a_shelf("BERLIN", "TEE", 3)

    (outcome,) = place(an_order().with_line("TEE", 5).but(when_short="backorder"))

    assert isinstance(outcome, Refused)
    assert nothing_was_placed()


def test_backorders_stop_at_their_limit_across_batches_and_within_one():
    a_sku("TEE", when_short="backorder", backorder_limit=4)
    a_location("BERLIN")
    wanting = an_order().but(when_short="backorder")

    (first,) = place(wanting.with_line("TEE", 2))
    second, third, fourth = place(wanting.with_line("TEE", 1), wanting.with_line("TEE", 2), wanting.with_line("TEE", 1))

    assert [isinstance(outcome, Placed) for outcome in (first, second, third, fourth)] == [True, True, False, True]


def test_takes_what_there_is_earlier_lines_first():
    a_shelf("BERLIN", "TEE", 3)
    a_shelf("BERLIN", "CUP", 0 + 1)

    order = an_order().with_line("CUP", 2).with_line("TEE", 2).with_line("TEE", 2).but(when_short="take_what_there_is")
    placed = order.placed()

    assert [(line["sku"], line["quantity"], line["wanted"]) for line in placed.receipt["lines"]] == [
        ("CUP", 1, 2),
        ("TEE", 2, 2),
        ("TEE", 1, 2),
    ]
    assert placed.total == 4000
    assert placed.units == {"reserved": 4}


def test_takes_nothing_where_there_is_nothing():
    a_sku("TEE")
    a_location("BERLIN")

    (outcome,) = place(an_order().with_line("TEE").but(when_short="take_what_there_is"))

    assert isinstance(outcome, Refused)
    assert outcome.refusal.code == "out_of_stock"
    assert nothing_was_placed()


def test_a_kit_reserves_its_parts_and_is_as_available_as_its_scarcest():
    a_kit("SET", {"CUP": 2, "POT": 1})
    a_shelf("BERLIN", "CUP", 5)
    a_shelf("BERLIN", "POT", 9)

    placed, refused = place(an_order().with_line("SET", 2), an_order().with_line("SET", 1))

    assert isinstance(placed, Placed)
    assert isinstance(refused, Refused)
    assert refused.refusal.facts["short"] == [{"sku": "CUP", "wanted": 2, "left": 1}]
    assert shelf("BERLIN", "CUP") == {"available": 1, "reserved": 4}
    assert shelf("BERLIN", "POT") == {"available": 7, "reserved": 2}
    (line,) = msgspec.json.decode(placed.receipt)["lines"]
    assert [(part["sku"], part["quantity"]) for part in line["parts"]] == [("CUP", 4), ("POT", 2)]


def test_two_lines_that_share_a_part_are_counted_together():
    a_kit("SET", {"CUP": 2})
    a_shelf("BERLIN", "CUP", 3)

    (outcome,) = place(an_order().with_line("SET", 1).with_line("CUP", 2))

    assert isinstance(outcome, Refused)
    assert outcome.refusal.facts["short"] == [{"sku": "CUP", "wanted": 4, "left": 3}]


def test_a_kit_without_parts_is_not_for_sale():
    a_sku("SET", is_kit=True)
    a_location("BERLIN")

    (outcome,) = place(an_order().with_line("SET"))

    assert outcome.refusal.code == "not_for_sale"


def test_safety_stock_is_not_sold():
    a_shelf("BERLIN", "TEE", 5)
    SafetyStock.objects.create(sku=Sku.objects.get(code="TEE"), location=Location.objects.get(), quantity=2)

    first, second = place(an_order().with_line("TEE", 4), an_order().with_line("TEE", 3))

    assert isinstance(first, Refused)
    assert isinstance(second, Placed)


def test_an_inactive_location_sells_nothing():
    a_shelf("BERLIN", "TEE", 5)
    Location.objects.update(active=False)

    (outcome,) = place(an_order().with_line("TEE"))

    assert outcome.refusal.code == "out_of_stock"


def test_one_parcel_is_preferred_to_the_nearest_place():
    a_location("BERLIN", country="DE", latitude=52.5, longitude=13.4)
    a_location("MADRID", country="ES", latitude=40.4, longitude=-3.7)
    a_shelf("BERLIN", "TEE", 1)
    for sku in ("TEE", "CUP"):
        a_shelf("MADRID", sku, 9)

    order = an_order().with_line("TEE").with_line("CUP").to("DE", latitude=52.0, longitude=13.0).placed()

    assert order.receipt["sourcing"]["chosen"] == ["MADRID"]
    assert order.receipt["sourcing"]["reason"] == "Only MADRID has all 2 units."


def test_of_places_that_have_it_all_the_nearest_sends_it_and_says_why():
    a_location("MADRID", country="ES", latitude=40.4, longitude=-3.7)
    a_location("BERLIN", country="DE", latitude=52.5, longitude=13.4)
    for place_code in ("MADRID", "BERLIN"):
        a_shelf(place_code, "TEE", 9)

    order = an_order().with_line("TEE", 2).to("DE", latitude=52.0, longitude=13.0).placed()

    sourcing = order.receipt["sourcing"]
    assert sourcing["chosen"] == ["BERLIN"]
    assert sourcing["candidates"] == [
        {
            "location": "BERLIN",
            "has": 2,
            "of": 2,
            "distance_km": 62,
            "scores": {"fewest_parcels": -2, "nearest": 62, "ranked": 100},
        },
        {
            "location": "MADRID",
            "has": 2,
            "of": 2,
            "distance_km": 1813,
            "scores": {"fewest_parcels": -2, "nearest": 1813, "ranked": 100},
        },
    ]
    assert sourcing["reason"] == (
        "BERLIN has all 2 units, and of the 2 locations that do it comes first by nearest, then ranked."
    )


def test_a_line_is_split_where_no_place_has_it_all():
    a_shelf("BERLIN", "TEE", 2)
    a_shelf("MADRID", "TEE", 2)

    order = an_order().with_line("TEE", 3).placed()

    assert order.units == {"reserved": 3}
    assert [entry["quantity"] for entry in order.receipt["lines"][0]["reserved"]] == [2, 1]


def test_totals_are_exact_and_rounded_once_a_line():
    a_shelf("BERLIN", "PAD", 1000)

    order = (
        an_order()
        .with_line("PAD", 3, "0.001")
        .with_line("PAD", 500, "0.001")
        .with_adjustment("discount", rate="-0.1", label="Ten off")
        .with_adjustment("shipping", "4.95")
        .with_adjustment("tax", rate="0.19", included=True)
        .placed()
    )

    assert [line["total"] for line in order.receipt["lines"]] == ["0.00", "0.50"]
    assert [(a.kind, a.amount_minor, a.included) for a in Adjustment.objects.order_by("id")] == [
        ("discount", -5, False),
        ("shipping", 495, False),
        ("tax", 86, True),
    ]
    assert order.total == 540
    assert Tender.objects.get().amount_minor == 540


def test_a_rate_on_a_line_stands_on_that_line_alone():
    a_shelf("BERLIN", "TEE", 10)

    order = (
        an_order()
        .with_line("TEE", 1, "10.00")
        .with_line("TEE", 1, "30.00")
        .with_adjustment("discount", rate="-0.5", line=2)
        .with_adjustment("tax", rate="0.2", line=2)
        .placed()
    )

    assert order.total == 1000 + 3000 - 1500 + 300


@pytest.mark.parametrize(
    ("kind", "amount", "more", "code"),
    [
        ("discount", "5.00", {}, "bad_adjustment"),
        ("shipping", "-5.00", {}, "bad_adjustment"),
        ("discount", "-11.00", {}, "negative_total"),
        ("shipping", "1.00", {"line": 7}, "bad_adjustment"),
        ("shipping", "1.00", {"included": True}, "bad_adjustment"),
        ("shipping", "1.005", {}, "not_an_amount"),
    ],
)
def test_adjustments_that_cannot_be_right_are_refused(kind, amount, more, code):
    a_shelf("BERLIN", "TEE", 10)

    (outcome,) = place(an_order().with_line("TEE").with_adjustment(kind, amount, **more))

    assert outcome.refusal.code == code
    assert nothing_was_placed()


def test_a_currency_without_decimals_has_none():
    a_channel("tokyo", currency="JPY")
    a_sku("TEE", "1234.5", "JPY")
    a_shelf("BERLIN", "TEE", 10)

    order = an_order().on("tokyo").with_line("TEE", 3).placed()

    assert order.receipt["total"] == "3704"


def test_tenders_must_come_to_the_total():
    a_shelf("BERLIN", "TEE", 10)
    order = an_order().with_line("TEE")

    exact, rest, short, over, twice, odd = place(
        order.paid_by("invoice:4.00", "bank_transfer:6.00"),
        order.paid_by("invoice:4.00", "bank_transfer"),
        order.paid_by("invoice:4.00"),
        order.paid_by("invoice:14.00", "bank_transfer"),
        order.paid_by("invoice", "bank_transfer"),
        order.paid_by("pebbles"),
    )

    assert isinstance(exact, Placed)
    assert isinstance(rest, Placed)
    assert {outcome.refusal.code for outcome in (short, over, twice)} == {"tenders_do_not_match"}
    assert odd.refusal.code == "unknown_payment_method"


def test_money_decides_the_first_status():
    a_shelf("BERLIN", "TEE", 10)

    status = {
        method: an_order().with_line("TEE").paid_by(method).placed().summary
        for method in ("bank_transfer", "cash_on_delivery", "recorded")
    }

    assert {method: (row.status, row.payment) for method, row in status.items()} == {
        "bank_transfer": ("unpaid", "unpaid"),
        "cash_on_delivery": ("ready", "secured"),
        "recorded": ("ready", "paid"),
    }


def test_a_provider_is_asked_after_the_order_is_written(settings):
    settings.PAYMENT_PROVIDERS = "card=http://127.0.0.1:9=secret"
    a_shelf("BERLIN", "TEE", 10)

    order = an_order().with_line("TEE").paid_by("card").placed()

    assert order.money == {"authorizing": 1000}
    assert (order.summary.status, order.summary.payment) == ("unpaid", "pending")
    assert Attempt.objects.get().verb == "authorize"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"channel": "moon"}, "unknown_channel"),
        ({"placed_at": datetime(2999, 1, 1, tzinfo=UTC)}, "placed_in_future"),
    ],
)
def test_what_can_never_be_right_is_refused(change, code):
    a_shelf("BERLIN", "TEE", 10)
    draft = msgspec.structs.replace(an_order().with_line("TEE").draft(), **change)

    (outcome,) = place_orders([Request(draft, CLERK)])

    assert outcome.refusal.code == code
    assert nothing_was_placed()


def test_what_is_beyond_counting_is_refused_and_spoils_no_neighbour():
    a_shelf("BERLIN", "TEE", 1_000_000_000)
    a_kit("CRATE", {"CUP": 1_000_000}, "0.01")
    Sku.objects.update(when_short="backorder")

    *refused, neighbour = place(
        an_order().with_line("TEE", 1_000_000_000, "999999999"),
        an_order().with_line("TEE", 10_000, "999999999").with_line("TEE", 10_000, "999999999"),
        an_order().with_line("TEE", 10_000, "999999999").with_adjustment("tax", rate="999999999"),
        an_order().with_line("CRATE", 1_000_000_000).with_line("CRATE", 1).but(when_short="backorder"),
        an_order().with_line("TEE", 1),
    )

    assert [(outcome.refusal.code, outcome.refusal.status) for outcome in refused] == [("order_too_large", 422)] * 4
    assert isinstance(neighbour, Placed)
    assert Order.objects.count() == 1


def test_unknown_inactive_and_priceless_skus_are_named():
    a_shelf("BERLIN", "TEE", 10)
    a_sku("OLD", active=False)
    a_sku("YEN", currency="JPY")

    unknown, old, priceless = place(
        an_order().with_line("TEE").with_line("NIX").with_line("NADA"),
        an_order().with_line("OLD"),
        an_order().with_line("YEN"),
    )

    assert (unknown.refusal.code, unknown.refusal.facts["skus"]) == ("unknown_sku", "NADA, NIX")
    assert (old.refusal.code, old.refusal.facts["skus"]) == ("not_for_sale", "OLD")
    assert (priceless.refusal.code, priceless.refusal.facts["skus"]) == ("no_price", "YEN")


def test_a_replayed_past_keeps_its_times():
    a_shelf("BERLIN", "TEE", 10)
    then = datetime(2010, 12, 1, 8, 26, tzinfo=UTC)

    order = an_order().with_line("TEE").placed_at(then).placed()

    assert order.row.placed_at == then
    event = Event.objects.get(kind="order.placed")
    assert event.at == then
    assert event.recorded_at - then > timedelta(days=365)


def test_a_channels_order_is_placed_once():
    a_shelf("BERLIN", "TEE", 10)
    order = an_order().with_line("TEE").but(reference="S-77")

    first, twin = place(order, order)
    (again,) = place(order)
    (elsewhere,) = place(order.on("shop"))

    assert isinstance(first, Placed)
    for outcome in (twin, again):
        assert outcome.refusal.code == "duplicate_reference"
        assert outcome.refusal.facts == {"reference": "S-77", "number": first.number}
    assert isinstance(elsewhere, Placed)
    assert Order.objects.count() == 2


def test_a_refused_twin_does_not_stand_in_the_others_way():
    a_shelf("BERLIN", "TEE", 1)
    order = an_order().but(reference="S-77")

    short, fits = place(order.with_line("TEE", 2), order.with_line("TEE", 1))

    assert isinstance(short, Refused)
    assert isinstance(fits, Placed)


def test_the_same_key_brings_the_same_answer():
    a_shelf("BERLIN", "TEE", 3)
    draft = an_order().with_line("TEE", 2).draft()
    request = Request(draft, CLERK, 1, "k1", b"print")

    first, follower = place_orders([request, request])
    (later,) = place_orders([request])
    (other,) = place_orders([request._replace(fingerprint=b"another")])
    (else_,) = place_orders([request._replace(client_id=2)])

    assert isinstance(first, Placed)
    assert follower == first._replace(again=True)
    assert msgspec.json.decode(later.receipt) == msgspec.json.decode(first.receipt)
    assert (later.number, later.again) == (first.number, True)
    assert other.refusal.code == "idempotency_key_reused"
    assert else_.refusal.code == "out_of_stock"
    assert Order.objects.count() == 1


def test_a_refusal_is_remembered_under_its_key_though_stock_has_come():
    a_shelf("BERLIN", "TEE", 1)
    request = Request(an_order().with_line("TEE", 2).draft(), CLERK, 1, "k1", b"print")
    (refused,) = place_orders([request])
    a_shelf("BERLIN", "TEE", 10)

    (again,) = place_orders([request])

    assert again.again
    assert again.refusal.code == "out_of_stock"
    assert again.refusal.facts == refused.refusal.facts
    assert str(again.refusal) == str(refused.refusal)


def test_what_can_never_be_right_is_not_remembered():
    a_shelf("BERLIN", "TEE", 1)
    request = Request(an_order().with_line("CUP").draft(), CLERK, 1, "k1", b"print")
    place_orders([request])
    a_shelf("BERLIN", "CUP", 1)

    (later,) = place_orders([request])

    assert isinstance(later, Placed)
    assert RememberedAnswer.objects.count() == 1


def test_notes_and_tags_come_with_the_order():
    a_shelf("BERLIN", "TEE", 1)

    order = an_order().with_line("TEE").but(note="Ring twice", tags=["vip", "vip", "gift"]).placed()

    assert sorted(Tag.objects.values_list("tag", flat=True)) == ["gift", "vip"]
    assert order.row.notes.get().text == "Ring twice"


def test_no_person_is_in_the_facts():
    a_shelf("BERLIN", "TEE", 1)

    order = an_order().with_line("TEE").by("ada@example.org").to("DE", name="Ada Lovelace", street="Weg 1").placed()

    assert order.row.customer.email == "ada@example.org"
    assert order.row.ship_to.street == "Weg 1"
    facts = msgspec.json.encode(list(Event.objects.values_list("facts", flat=True))).decode()
    assert not any(word in facts for word in ("ada", "Ada", "Lovelace", "Weg"))


def test_the_number_of_statements_does_not_depend_on_the_batch(statements):
    for number in range(12):
        a_shelf("BERLIN", f"SKU-{number}", 1000)
    full = an_order().with_adjustment("shipping", "4.95").to("DE", city="Berlin")

    def batch(orders: int, lines: int) -> list[Request]:
        drafts = []
        for index in range(orders):
            order = full.by(f"{orders}-{index}@example.org")
            for line in range(lines):
                order = order.with_line(f"SKU-{line}")
            drafts.append(Request(order.draft(), CLERK))
        return drafts

    small, large = batch(1, 1), batch(30, 12)
    one = statements(lambda: place_orders(small))
    many = statements(lambda: place_orders(large))

    assert one == many
    assert one <= 28
    assert Order.objects.count() == 31


@pytest.mark.django_db(transaction=True)
def test_one_key_from_many_sides_makes_one_order():
    a_shelf("BERLIN", "TEE", 100)
    draft = an_order().with_line("TEE").but(reference="S-1").draft()
    answers = []

    def ask() -> None:
        answers.extend(place_orders([Request(draft, CLERK, 1, "k1", b"print")]))
        connection.close()

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert {answer.number for answer in answers} == {"1"}
    assert sum(not answer.again for answer in answers) == 1
    assert Order.objects.count() == 1
    assert NumberSeries.objects.get(name="web").last == 1


@pytest.mark.django_db(transaction=True)
def test_many_buyers_never_take_more_than_there_is():
    a_shelf("BERLIN", "TEE", 20)
    a_shelf("MADRID", "TEE", 13)
    draft = an_order().with_line("TEE", 2).draft()
    outcomes = []

    def buy() -> None:
        for _ in range(5):
            outcomes.extend(place_orders([Request(draft, CLERK)]))
        connection.close()

    threads = [threading.Thread(target=buy) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sum(isinstance(outcome, Placed) for outcome in outcomes) == 16
    assert {outcome.refusal.code for outcome in outcomes if isinstance(outcome, Refused)} == {"out_of_stock"}
    assert shelf("BERLIN", "TEE") == {"reserved": 20}
    assert shelf("MADRID", "TEE") == {"available": 1, "reserved": 12}
    assert NumberSeries.objects.get(name="web").last == 16
