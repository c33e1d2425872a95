"""Taking SKUs up: product, SKU, prices and parts together, or nothing of them."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from orderwright.catalog.editing import AlreadyThere, Way
from orderwright.catalog.models import KitPart, Price, Product, Sku
from orderwright.catalog.taking_up import Offer, take_up
from orderwright.kernel import actors
from orderwright.kernel.models import Event

CLERK = actors.system("test")


def outcomes(*offers: Offer) -> list[str]:
    return [edited.outcome.value for edited in take_up(offers, actor=CLERK)]


def everything() -> list[object]:
    return [list(model.objects.order_by("pk").values()) for model in (Product, Sku, Price, KitPart, Event)]


@pytest.mark.django_db
def test_a_sku_without_a_product_gets_its_own():
    said = outcomes(Offer("MUG", {"name": "Mug"}, prices={"EUR": "2.5"}))

    assert said == ["created"]
    assert Sku.objects.get().product.name == "Mug"
    assert Price.objects.get().unit_price_micros == 2_500_000
    assert outcomes(Offer("MUG", {"name": "Mug"}, prices={"EUR": "2.50"})) == ["unchanged"]
    assert outcomes(Offer("MUG", {}, prices={"EUR": "3"})) == ["changed"]


@pytest.mark.django_db
def test_variants_share_a_product():
    said = outcomes(
        Offer("MUG-RED", {"name": "Red mug"}, product="MUG", product_fields={"name": "Mug"}),
        Offer("MUG-BLUE", {"name": "Blue mug"}, product="MUG"),
        Offer("SET", {"name": "Set"}, parts={"MUG-RED": 1, "MUG-BLUE": 2}),
    )

    assert said == ["created"] * 3
    assert dict(Sku.objects.values_list("code", "product__name")) == {
        "MUG-RED": "Mug",
        "MUG-BLUE": "Mug",
        "SET": "Set",
    }
    assert Sku.objects.get(code="SET").is_kit
    assert KitPart.objects.count() == 2


@pytest.mark.django_db
def test_an_offer_of_which_a_part_is_refused_leaves_nothing_behind():
    before = everything()

    edited = take_up(
        [
            Offer("A", {"name": "A"}, prices={"EUR": "wrong"}),
            Offer("B", {"name": "B", "gtin": "1"}),
            Offer("C", {"name": "C"}, parts={"A": 1}),
            Offer("D", {"name": "D"}, product="D", product_fields={"category": "none"}),
            Offer("", {"name": "E"}),
            Offer("\x00", {"name": "E"}),
            Offer("F", {}),
        ],
        actor=CLERK,
    )

    codes = [one.refusal and one.refusal.code for one in edited]
    assert codes == ["not_an_amount", "invalid", "not_found", "not_found", "invalid", "invalid", "invalid"]
    assert everything() == before


@pytest.mark.django_db
def test_refused_offers_do_not_spoil_their_neighbors():
    said = outcomes(
        Offer("A", {"name": "A"}, prices={"EUR": "-1"}),
        Offer("B", {"name": "B"}, prices={"EUR": "1"}),
        Offer("C", {"name": "C"}, parts={"A": 1}),
        Offer("D", {"name": "D"}, parts={"B": 1}),
    )

    assert said == ["refused", "created", "refused", "created"]
    assert set(Sku.objects.values_list("code", flat=True)) == {"B", "D"}
    assert set(Product.objects.values_list("code", flat=True)) == {"B", "D"}
    told = Event.objects.filter(kind="sku.created").order_by("id").values_list("facts__sku", flat=True)
    assert list(told) == ["B", "D"]


@pytest.mark.django_db
def test_what_must_be_new_is_refused_where_it_is_there():
    outcomes(Offer("A", {"name": "A"}))

    (edited,) = take_up([Offer("A", {"name": "B"}, way=Way.CREATE)], actor=CLERK)

    assert isinstance(edited.refusal, AlreadyThere)
    assert Sku.objects.get().name == "A"


@pytest.mark.django_db
@pytest.mark.parametrize("count", [2, 200])
def test_statements_do_not_grow_with_the_batch(count):
    offers = [Offer(f"S{i}", {"name": "x"}, prices={"EUR": "1", "USD": "2"}) for i in range(count)]
    offers += [Offer(f"K{i}", {"name": "x"}, parts={f"S{i}": 2}) for i in range(count)]

    with CaptureQueriesContext(connection) as queries:
        take_up(offers, actor=CLERK)

    assert len(queries) == 37
    assert Sku.objects.count() == 2 * count
