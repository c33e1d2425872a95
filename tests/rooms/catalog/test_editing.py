"""Editing categories, products, SKUs and channels."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from orderwright.catalog import editing
from orderwright.catalog.editing import (
    Outcome,
    Wanted,
    Way,
    edit_categories,
    edit_channels,
    edit_products,
    edit_skus,
    only,
)
from orderwright.catalog.models import Category, Channel, Product, Sku
from orderwright.kernel import actors
from orderwright.kernel.errors import Invalid, NotFound, Refusal, Stale
from orderwright.kernel.models import Event

CLERK = actors.system("test")


def a_product(code: str = "P") -> None:
    only(edit_products([Wanted(code, {"name": code})], actor=CLERK))


def facts(kind: str) -> list[object]:
    return list(Event.objects.filter(kind=kind).order_by("id").values_list("facts", flat=True))


@pytest.mark.django_db
def test_a_sku_is_created_with_all_it_is_made_of():
    a_product()
    said = {
        "product": "P",
        "name": " Mug ",
        "gtin": "4006381333931",
        "weight_grams": 350,
        "customs_code": "6911.10.00",
        "origin_country": "de",
        "tax_class": "reduced",
    }

    edited = only(edit_skus([Wanted("MUG", said)], actor=CLERK))

    sku = Sku.objects.get(code="MUG")
    assert (edited.outcome, edited.id, edited.version) == (Outcome.CREATED, sku.pk, 1)
    assert (sku.name, sku.gtin, sku.weight_grams) == ("Mug", "4006381333931", 350)
    assert (sku.customs_code, sku.origin_country, sku.tax_class, sku.version) == ("69111000", "DE", "reduced", 1)
    (told,) = facts("sku.created")
    assert told["sku"] == "MUG"
    assert told["after"]["product"] == "P"


@pytest.mark.django_db
def test_a_change_tells_what_was_before_and_after():
    a_product()
    only(edit_skus([Wanted("MUG", {"product": "P", "name": "Mug"})], actor=CLERK))

    edited = only(edit_skus([Wanted("MUG", {"name": "Big mug", "active": True}, Way.CHANGE, seen=1)], actor=CLERK))

    assert (edited.outcome, edited.version) == (Outcome.CHANGED, 2)
    assert Sku.objects.get().version == 2
    assert facts("sku.changed") == [{"sku": "MUG", "before": {"name": "Mug"}, "after": {"name": "Big mug"}}]


@pytest.mark.django_db
def test_what_stays_as_it_is_has_no_event_and_no_new_version():
    a_product()
    only(edit_skus([Wanted("MUG", {"product": "P", "name": "Mug"})], actor=CLERK))

    edited = only(edit_skus([Wanted("MUG", {"product": "P", "name": "Mug"})], actor=CLERK))

    assert (edited.outcome, edited.version) == (Outcome.UNCHANGED, 1)
    assert facts("sku.changed") == []
    assert Sku.objects.get().version == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("want", "refusal"),
    [
        (Wanted("MUG", {"name": "x"}, seen=2), Stale),
        (Wanted("MUG", {"name": "x"}, Way.CREATE), editing.AlreadyThere),
        (Wanted("CUP", {"name": "x"}, Way.CHANGE), NotFound),
        (Wanted("CUP", {"name": "x"}), Invalid),
        (Wanted("CUP", {"name": "x", "product": "nowhere"}), NotFound),
        (Wanted("CUP", {"name": "x", "product": "P", "gtin": "4006381333931"}), editing.GtinTaken),
        (Wanted("MUG", {"is_kit": True}), editing.FixedField),
        (Wanted("MUG", {"gtin": "4006381333932"}), Invalid),
        (Wanted("MUG", {"name": ""}), Invalid),
        (Wanted("MUG", {"name": "x" * 201}), Invalid),
        (Wanted("MUG", {"name": "x\x00"}), Invalid),
        (Wanted("MUG", {"weight_grams": -1}), Invalid),
        (Wanted("MUG", {"weight_grams": True}), Invalid),
        (Wanted("MUG", {"weight_grams": 2**31}), Invalid),
        (Wanted("MUG", {"customs_code": "12345"}), Invalid),
        (Wanted("MUG", {"customs_code": "12345678901"}), Invalid),
        (Wanted("MUG", {"origin_country": "XX"}), Invalid),
        (Wanted("MUG", {"when_short": "perhaps"}), Invalid),
        (Wanted("MUG", {"colour": "red"}), Invalid),
        (Wanted("M/UG", {"name": "x", "product": "P"}), Invalid),
        (Wanted("..", {"name": "x", "product": "P"}), Invalid),
        (Wanted("\x00", {"name": "x", "product": "P"}), Invalid),
        (Wanted("", {"name": "x", "product": "P"}), Invalid),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_happens(want, refusal):
    a_product()
    only(edit_skus([Wanted("MUG", {"product": "P", "name": "Mug", "gtin": "4006381333931"})], actor=CLERK))
    before = list(Sku.objects.values()), Event.objects.count()

    with pytest.raises(refusal):
        only(edit_skus([want], actor=CLERK))

    assert (list(Sku.objects.values()), Event.objects.count()) == before


@pytest.mark.django_db
def test_one_that_is_refused_does_not_spoil_its_neighbors():
    a_product()

    edited = edit_skus(
        [
            Wanted("A", {"product": "P", "name": "A", "gtin": "4006381333931"}),
            Wanted("B", {"product": "P", "name": "B", "gtin": "4006381333931"}),
            Wanted("C", {"product": "P", "name": "C"}),
            Wanted("A", {"name": "A again"}),
        ],
        actor=CLERK,
    )

    outcomes = [one.outcome.value for one in edited]
    assert outcomes == ["created", "refused", "created", "changed"]
    assert isinstance(edited[1].refusal, editing.GtinTaken)
    assert dict(Sku.objects.values_list("code", "name")) == {"A": "A again", "C": "C"}
    assert [told["sku"] for told in facts("sku.created")] == ["A", "C"]


@pytest.mark.django_db
def test_a_category_does_not_stand_below_itself():
    for code, parent in (("home", None), ("kitchen", "home"), ("mugs", "kitchen")):
        only(edit_categories([Wanted(code, {"name": code, "parent": parent})], actor=CLERK))

    for code, parent in (("home", "mugs"), ("home", "home")):
        with pytest.raises(editing.CategoryCircle):
            only(edit_categories([Wanted(code, {"parent": parent})], actor=CLERK))

    assert Category.objects.get(code="home").parent is None


@pytest.mark.django_db
def test_a_product_stands_in_a_category():
    only(edit_categories([Wanted("home", {"name": "Home"})], actor=CLERK))

    only(edit_products([Wanted("P", {"name": "P", "category": "home"})], actor=CLERK))
    with pytest.raises(NotFound):
        only(edit_products([Wanted("P", {"category": "garden"})], actor=CLERK))

    assert Product.objects.get().category.code == "home"
    only(edit_products([Wanted("P", {"category": None})], actor=CLERK))
    assert Product.objects.get().category is None


@pytest.mark.django_db
def test_a_channel_has_numbers_of_its_own_unless_it_says_otherwise():
    only(edit_channels([Wanted("web", {"name": "Web", "currency": "eur", "sourcing": ["nearest"]})], actor=CLERK))

    channel = Channel.objects.get()
    assert (channel.series, channel.number_prefix, channel.currency) == ("web", "WEB-", "EUR")
    assert channel.sourcing == ["nearest"]
    assert facts("channel.created")[0]["after"]["sourcing"] == ["nearest"]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("fields", "refusal"),
    [
        ({"number_prefix": "WEB-", "series": "other"}, editing.PrefixTaken),
        ({"number_prefix": "A1"}, Invalid),
        ({"currency": "XXQ"}, Refusal),
        ({"sourcing": []}, Invalid),
        ({"sourcing": ["nearest", "nearest"]}, Invalid),
        ({"sourcing": "nearest"}, Invalid),
        ({"capture_when": "never"}, Invalid),
        ({"unpaid_expires_seconds": 1}, Invalid),
    ],
)
def test_a_channel_that_cannot_be_is_refused(fields, refusal):
    only(edit_channels([Wanted("web", {"name": "Web", "currency": "EUR"})], actor=CLERK))

    with pytest.raises(refusal):
        only(edit_channels([Wanted("shop", {"name": "Shop", "currency": "EUR"} | fields)], actor=CLERK))

    assert Channel.objects.count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("fields", [{"series": "other"}, {"number_prefix": "SHOP-"}])
def test_a_channel_goes_on_counting_as_it_began(fields):
    only(edit_channels([Wanted("web", {"name": "Web", "currency": "EUR"})], actor=CLERK))

    with pytest.raises(editing.FixedField):
        only(edit_channels([Wanted("web", fields, Way.CHANGE)], actor=CLERK))

    channel = Channel.objects.get()
    assert (channel.series, channel.number_prefix, channel.version) == ("web", "WEB-", 1)


@pytest.mark.django_db
def test_channels_may_share_a_series():
    only(edit_channels([Wanted("web", {"name": "Web", "currency": "EUR"})], actor=CLERK))

    shared = {"name": "App", "currency": "EUR", "series": "web", "number_prefix": "WEB-"}
    edited = only(edit_channels([Wanted("app", shared)], actor=CLERK))

    assert edited.outcome == Outcome.CREATED
    with pytest.raises(editing.FixedField):
        only(edit_channels([Wanted("app", {"currency": "USD"})], actor=CLERK))


@pytest.mark.django_db
@pytest.mark.parametrize("count", [2, 300])
def test_statements_do_not_grow_with_the_batch(count):
    a_product()
    new = [Wanted(f"S{i}", {"product": "P", "name": "x"}) for i in range(count)]
    changed = [Wanted(f"S{i}", {"name": f"y{i}"}) for i in range(count)]

    with CaptureQueriesContext(connection) as creating:
        edit_skus(new, actor=CLERK)
    with CaptureQueriesContext(connection) as changing:
        edit_skus(changed, actor=CLERK)

    assert Sku.objects.filter(name__startswith="y", version=2).count() == count
    assert len(creating) == 8  # savepoint, GTINs, lock, products, insert, ids of events, events, release
    assert len(changing) == 8
