"""The checkout: one page, one order, one charge; what is wrong is said beside its field, and kindly."""

import re
from datetime import timedelta
from html import unescape

import pytest
from builders import CLERK, a_channel, a_location, a_shelf, an_order
from django.db import transaction
from django.test import Client
from providers import Fake, fake, later

from orderwright.catalog.models import Channel, Price, Sku
from orderwright.counter import place_one
from orderwright.credits.issuing import Grant, NewCard, grant, issue_cards
from orderwright.customers.drafting import CustomerDraft
from orderwright.customers.models import Customer
from orderwright.flows.ask_providers import ask_providers
from orderwright.flows.cancel_orders import Cancel, cancel_orders
from orderwright.flows.expire_unpaid_orders import expire_unpaid_orders
from orderwright.flows.place_orders import Placed, Request
from orderwright.kernel import actors, clock
from orderwright.orders.drafting import Draft, LineDraft
from orderwright.orders.models import Order, Wish
from orderwright.orders.queries import get
from orderwright.payments.linking import THANKS, order_of, token_of
from orderwright.payments.models import Tender
from orderwright.shipping.options import Way, create_option, edit_option
from orderwright.web.shop.paying import thanks_path

__all__ = ["fake"]
pytestmark = pytest.mark.django_db(transaction=True)

ADA = {
    "email": "Ada@Example.org",
    "name": "Ada Albers",
    "street": "Torstraße 5",
    "postal_code": "10119",
    "city": "Berlin",
    "country": "DE",
    "method": "fake",
    "token": "ok",
    "do": "pay",
}


@pytest.fixture(autouse=True)
def _a_shop(db, settings):
    settings.BANK_DETAILS = "Tea Shop, DE02 1203 0000 0000 2020 51"
    a_location("BERLIN", country="DE", city="Berlin")
    a_shelf("BERLIN", "TEE", 5)
    a_channel("web", unpaid_expires_seconds=1800)
    create_option("STD", Way(name="Standard", price_minor=490, currency="EUR", rank=1), actor=CLERK)
    create_option("EXPRESS", Way(name="Express", price_minor=990, currency="EUR", rank=2, days_most=1), actor=CLERK)


class Buyer:
    """Somebody with a browser that runs no scripts, and a cart."""

    def __init__(self, **cart: int) -> None:
        self.client = Client()
        self.fill(**(cart or {"TEE": 1}))

    def fill(self, **cart: int) -> None:
        session = self.client.session
        session["cart"] = cart
        session.save()

    def look(self):
        return self.client.get("/checkout")

    def hidden(self):
        """What the form carries along."""
        page = self.look().content.decode()
        return {
            name: unescape(re.search(rf'name="{name}" value="([^"]*)"', page)[1]) for name in ("key", "shown_total")
        }

    def press(self, **fields):
        return self.client.post("/checkout", {**self.hidden(), **ADA, **fields})


@pytest.fixture
def buyer(fake: Fake) -> Buyer:
    return Buyer()


def words(answer):
    """The text of a page."""
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", answer.content.decode())).split())


def led_to(answer):
    """The order whose thanks follow."""
    assert answer.status_code == 303, words(answer)
    return Order.objects.get(pk=order_of(answer["Location"].removeprefix("/orders/thanks/"), THANKS))


def test_a_guest_buys_by_card(buyer: Buyer, fake: Fake):
    page = buyer.look()
    assert "€14.90" in words(page)
    assert f"frame-src 'self' {fake.server.url}" in page["Content-Security-Policy"]

    order = led_to(buyer.press(gift_message="For you", hide_prices="1"))

    seen = get(order.number)
    assert (seen.head.total_minor, seen.head.payment, seen.head.status) == (1490, "paid", "ready")
    assert seen.wish == (order.pk, "STD", "For you", True)
    assert [(one.kind, one.amount_minor) for one in seen.adjustments] == [("shipping", 490)]
    assert (seen.ship_to.street, seen.ship_to.postal_code, seen.ship_to.country) == ("Torstraße 5", "10119", "DE")
    assert Customer.objects.get().email == "ada@example.org"
    assert buyer.client.session["cart"] == {}
    thanks = buyer.client.get(f"/orders/thanks/{token_of(order.pk, THANKS)}")
    assert "Thank you, we have your order" in words(thanks)
    assert order.number in words(thanks)
    assert "with you by" in words(thanks)  # before any worker came by


def test_pressing_twice_and_going_back_lead_to_the_one_order(buyer: Buyer, fake: Fake):
    form = {**buyer.hidden(), **ADA}

    first = buyer.client.post("/checkout", form)
    again = buyer.client.post("/checkout", form)
    buyer.fill(TEE=2)
    back = buyer.client.post("/checkout", form)

    assert led_to(first) == led_to(again) == led_to(back)
    assert Order.objects.count() == Tender.objects.count() == 1
    assert fake.authorization() == (1490, 1490, 0, 0)


def test_a_network_that_was_lost_before_the_answer_brings_the_same_order(buyer: Buyer, fake: Fake):
    form = {**buyer.hidden(), **ADA}
    session = dict(buyer.client.session.items())
    first = buyer.client.post("/checkout", form)
    lost = buyer.client.session
    lost.update(session)
    del lost["placed"]
    lost.save()

    again = buyer.client.post("/checkout", {**form, "token": "another"})

    assert led_to(first) == led_to(again)
    assert Order.objects.count() == 1


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({"email": ""}, "This is needed."),
        ({"email": "ada"}, "This cannot be right."),
        ({"postal_code": "1011"}, "This cannot be right."),
        ({"street": ""}, "This is needed."),
        ({"name": " "}, "This is needed."),
        ({"phone": "no"}, "This cannot be right."),
        ({"city": "Ber\x07lin"}, "cannot be printed"),
        ({"method": ""}, "Choose how you want to pay."),
        ({"method": "recorded"}, "Choose how you want to pay."),
        ({"country": "US", "postal_code": "10001", "city": "New York"}, "This is needed."),
    ],
)
def test_what_is_wrong_is_said_beside_its_field_and_nothing_is_placed(buyer: Buyer, fields, problem):
    answer = buyer.press(**fields)

    assert answer.status_code == 422
    assert problem in words(answer)
    assert "One field needs another look." in words(answer)
    assert 'value="ada@example.org"' in answer.content.decode().lower() or "email" in fields
    assert not Order.objects.exists()


def test_the_total_that_was_shown_is_the_total_that_is_paid(buyer: Buyer):
    form = {**buyer.hidden(), **ADA}
    Price.objects.update(unit_price_micros=12_000_000)

    changed = buyer.client.post("/checkout", form)

    assert changed.status_code == 422
    assert "The total changed while this page was open." in words(changed)
    assert "€16.90" in words(changed)
    assert not Order.objects.exists()
    assert led_to(buyer.press()).number == "1"
    assert get("1").head.total_minor == 1690


def test_another_way_of_delivery_has_another_total_which_is_looked_at_first(buyer: Buyer):
    hidden = buyer.hidden()

    unseen = buyer.client.post("/checkout", {**hidden, **ADA, "option": "EXPRESS"})
    assert (unseen.status_code, "€19.90" in words(unseen)) == (422, True)
    order = led_to(buyer.client.post("/checkout", {**hidden, **ADA, "option": "EXPRESS", "shown_total": "19.90"}))

    assert Wish.objects.get().delivery_option == "EXPRESS"
    assert get(order.number).head.total_minor == 1990


def test_a_way_of_delivery_that_went_meanwhile_is_not_replaced_in_silence(buyer: Buyer):
    hidden = buyer.hidden()
    edit_option("STD", {"active": False}, seen=None, actor=CLERK)

    answer = buyer.client.post("/checkout", {**hidden, **ADA, "option": "STD"})

    assert answer.status_code == 422
    assert "The way of delivery that you chose is not offered any more." in words(answer)
    assert not Order.objects.exists()


def test_the_last_unit_goes_to_one_buyer_and_the_other_is_told_kindly(buyer: Buyer, fake: Fake):
    buyer.fill(TEE=5)
    other = Buyer(TEE=5)
    form = {**other.hidden(), **ADA, "email": "eve@example.org"}

    led_to(buyer.press())
    answer = other.client.post("/checkout", form)

    assert answer.status_code == 409
    assert "Tee is sold out: somebody was a moment faster." in words(answer)
    assert 'value="eve@example.org"' in answer.content.decode()
    assert Order.objects.count() == 1
    other.fill(TEE=1)
    a_shelf("BERLIN", "TEE", 1)
    led_to(other.press())


def test_a_card_that_is_declined_may_be_followed_by_another_while_the_goods_are_kept(buyer: Buyer, fake: Fake):
    answer = buyer.press(token="decline=insufficient_funds")

    assert answer.status_code == 303
    assert answer["Location"].startswith("/pay/")
    page = buyer.client.get(answer["Location"])
    assert "There is not enough money on the account." in words(page)
    assert "The goods are kept for you until" in words(page)
    paid = buyer.client.post(answer["Location"], {"method": "fake", "token": "ok"})

    order = led_to(paid)
    assert Order.objects.count() == 1
    assert get(order.number).head.payment == "paid"
    assert fake.authorization("auth_2") == (1490, 1490, 0, 0)
    assert "Nothing is due" in words(buyer.client.get(answer["Location"]))


def test_the_banks_step_is_done_before_the_order_is_confirmed(buyer: Buyer, fake: Fake):
    answer = buyer.press(token="3ds+tell_never")

    assert answer.status_code == 303
    assert answer["Location"].startswith(
        f"{fake.server.url}/confirm/auth_1?return_url=http%3A%2F%2Ftestserver%2Forders"
    )
    order = Order.objects.get()
    thanks = f"/orders/thanks/{token_of(order.pk, THANKS)}"
    assert "One more step at your bank" in words(buyer.client.get(thanks))
    gone_back = buyer.client.get("/checkout")
    assert f"Your order {order.number} is placed, and waits for its payment." in words(gone_back)
    assert f'href="{thanks}"' in gone_back.content.decode()
    fake.confirm("auth_1", agree=True)

    back = buyer.client.get(f"{thanks}?back")

    assert (back.status_code, back["Location"]) == (303, thanks)
    assert get(order.number).head.payment == "paid"
    assert "Thank you, we have your order" in words(buyer.client.get(thanks))
    assert "Nothing is waiting to be paid" in words(buyer.client.get("/checkout"))


def test_who_refuses_at_his_bank_may_pay_in_another_way(buyer: Buyer, fake: Fake):
    buyer.press(token="3ds+tell_never")
    fake.confirm("auth_1", agree=False)
    order = Order.objects.get()

    buyer.client.get(f"/orders/thanks/{token_of(order.pk, THANKS)}?back")
    there = buyer.client.get(f"/orders/thanks/{token_of(order.pk, THANKS)}")

    assert there["Location"] == f"/pay/{token_of(order.pk)}"
    assert "The payer did not confirm it" in words(buyer.client.get(there["Location"]))
    led_to(buyer.client.post(there["Location"], {"method": "cash_on_delivery"}))
    assert get(order.number).head.payment == "secured"


@pytest.mark.parametrize("twice", [False, True])
def test_a_message_that_comes_before_the_payer_is_back_changes_nothing_more(buyer: Buyer, fake: Fake, twice):
    buyer.press(token="3ds" + ("+tell_twice" if twice else ""))
    order = Order.objects.get()
    fake.confirm("auth_1", agree=True)
    heard = [fake.hear() for _message in range(1 + twice)]
    ask_providers()

    buyer.client.get(f"/orders/thanks/{token_of(order.pk, THANKS)}?back")

    assert [one.matched for one in heard] == [1, 0][: len(heard)]
    assert fake.authorization() == (1490, 1490, 0, 0)
    assert get(order.number).head.payment == "paid"


def test_a_browser_without_scripts_gives_its_card_on_the_providers_page(buyer: Buyer, fake: Fake):
    answer = buyer.press(token="")

    assert answer["Location"].startswith(f"{fake.server.url}/pay/auth_1?return_url=")
    assert get("1").head.payment == "pending"


def test_a_provider_that_does_not_answer_is_looked_up_and_the_page_says_so(buyer: Buyer, fake: Fake):
    order = led_to(buyer.press(token="timeout+tell_never"))

    page = buyer.client.get(f"/orders/thanks/{token_of(order.pk, THANKS)}")
    assert "Your payment is being checked" in words(page)
    assert page["Refresh"] == "3"
    with later(minutes=1):
        ask_providers()
    assert "Thank you" in words(buyer.client.get(f"/orders/thanks/{token_of(order.pk, THANKS)}"))
    assert fake.authorization() == (1490, 1490, 0, 0)


def test_a_bank_transfer_keeps_the_goods_until_its_time_is_over(buyer: Buyer):
    order = led_to(buyer.press(method="bank_transfer"))
    thanks = f"/orders/thanks/{token_of(order.pk, THANKS)}"

    page = words(buyer.client.get(thanks))
    assert "We have your order, and wait for your payment" in page
    assert "DE02 1203 0000 0000 2020 51" in page
    with clock.at(clock.now() + timedelta(minutes=31)):
        assert expire_unpaid_orders() == 1

    assert "This order is canceled" in words(buyer.client.get(thanks))
    assert "This order is canceled" in words(buyer.client.get(f"/pay/{token_of(order.pk)}"))


def test_cash_on_delivery_is_sure_at_once(buyer: Buyer):
    order = led_to(buyer.press(method="cash_on_delivery"))

    assert get(order.number).head.status == "ready"


def test_goods_that_are_fetched_need_no_address(buyer: Buyer):
    create_option("FETCH", Way(name="Pickup", kind="pickup", pickup_at="BERLIN", rank=3), actor=CLERK)

    order = led_to(buyer.press(option="FETCH", shown_total="10.00", street="", postal_code="", city=""))

    seen = get(order.number)
    assert (seen.ship_to.name, seen.ship_to.company, seen.ship_to.city) == ("Ada Albers", "Berlin", "Berlin")
    assert (seen.head.total_minor, seen.wish.delivery_option) == (1000, "FETCH")


def test_fields_follow_the_country(buyer: Buyer):
    german = buyer.look().content.decode()
    american = buyer.client.post("/checkout", {**buyer.hidden(), "country": "US", "do": "look"})

    assert 'name="region"' not in german
    assert american.status_code == 200
    page = american.content.decode()
    assert '<option value="CA">California</option>' in page
    assert "ZIP code" in page
    assert not Order.objects.exists()


@pytest.mark.parametrize(
    ("do", "inside"),
    [
        ("address", {"address", "deliveries", "summary"}),
        ("deliveries", {"deliveries", "summary"}),
        ("summary", {"summary"}),
        ("credit", {"summary"}),
    ],
)
def test_only_what_depends_on_a_field_is_sent_to_a_browser_with_scripts(buyer: Buyer, do, inside):
    answer = buyer.client.post("/checkout", {**buyer.hidden(), **ADA, "do": do}, headers={"HX-Request": "true"})

    found = set(re.findall(r'id="(address|deliveries|summary|payment-head)"', answer.content.decode()))
    assert found == inside
    assert not Order.objects.exists()


def test_an_empty_cart_is_no_order(fake: Fake):
    answer = Client().get("/checkout")

    assert "Your cart is empty" in words(answer)


def test_what_is_not_sold_any_more_is_left_out_and_said(buyer: Buyer):
    buyer.fill(TEE=1, GONE=2)

    page = words(buyer.look())

    assert "Not sold any more, and left out: GONE" in page
    assert "€14.90" in page


@pytest.mark.parametrize("token", ["", "x", "1:abc", "%00"])
def test_a_link_that_nobody_signed_leads_nowhere(token):
    for page in (f"/pay/{token or 'y'}", f"/orders/thanks/{token or 'y'}"):
        assert Client().get(page).status_code == 404


def test_a_link_to_pay_does_not_show_who_bought_what(buyer: Buyer):
    order = led_to(buyer.press(method="bank_transfer"))

    page = words(Client().get(f"/pay/{token_of(order.pk)}"))

    assert "Ada" not in page
    assert "€14.90" in page
    assert Client().get(f"/orders/thanks/{token_of(order.pk)}").status_code == 404


def test_who_tries_many_cards_is_slowed_down(buyer: Buyer, fake: Fake):
    order = fake.placed(an_order().with_line("TEE", 1, "10.00"), "decline=refused")

    statuses = [
        buyer.client.post(f"/pay/{token_of(order.id)}", {"method": "fake", "token": "decline=refused"}).status_code
        for _try in range(32)
    ]

    assert statuses == [303] * 30 + [429] * 2


def test_an_order_that_is_canceled_is_not_paid(buyer: Buyer, fake: Fake):
    order = led_to(buyer.press(method="bank_transfer"))
    cancel_orders([Cancel(order.pk, "customer")], actor=CLERK)

    buyer.client.post(f"/pay/{token_of(order.pk)}", {"method": "fake", "token": "ok"})

    assert Tender.objects.count() == 1
    assert fake.asked() == []


def test_who_was_too_late_lays_the_same_into_his_cart_again(buyer: Buyer, fake: Fake):
    buyer.fill(TEE=2)
    order = led_to(buyer.press(method="bank_transfer"))
    again = f"/orders/thanks/{token_of(order.pk, THANKS)}/again"
    assert buyer.client.post(again)["Location"] == thanks_path(order.pk)  # it is still his
    cancel_orders([Cancel(order.pk, "unpaid")], actor=CLERK)

    for page in (f"/pay/{token_of(order.pk)}", thanks_path(order.pk)):
        assert f'action="{again}"' in buyer.client.get(page).content.decode()
    assert buyer.client.post(again)["Location"] == "/cart"

    assert buyer.client.session["cart"] == {"TEE": 2}
    stranger = Client().get(f"/pay/{token_of(order.pk)}").content.decode()
    assert "Lay it into the cart again" not in stranger
    assert Client().post(f"/orders/thanks/{token_of(order.pk)}/again").status_code == 404


def test_another_tab_that_still_shows_the_checkout_leads_to_the_order(buyer: Buyer, fake: Fake):
    other_tab = buyer.hidden()
    order = led_to(buyer.press(method="cash_on_delivery"))
    buyer.fill(TEE=1)  # meanwhile something else is laid in

    answer = buyer.client.post("/checkout", {**other_tab, **ADA, "method": "cash_on_delivery"})

    assert led_to(answer).pk == order.pk
    assert Order.objects.count() == 1
    assert buyer.client.session["cart"] == {"TEE": 1}


def test_how_long_the_goods_are_kept_is_said_for_each_way(buyer: Buyer, fake: Fake):
    Channel.objects.update(unpaid_expires_seconds=1800, transfer_expires_seconds=7 * 86_400)

    said = words(buyer.look())

    assert "We hold the goods for 30 minutes." in said
    assert "We hold the goods for 7 days." in said
    assert said.count("We hold the goods") == 2  # nothing waits for who pays on delivery


@transaction.atomic
def a_gift_card(minor):
    (issued,) = issue_cards([NewCard(minor, "EUR")], actor=CLERK)
    return issued.code


def test_a_gift_card_pays_first_and_the_card_the_rest(buyer: Buyer, fake: Fake):
    code = a_gift_card(1000)
    page = buyer.client.post("/checkout", {**buyer.hidden(), **ADA, "gift_card": code, "do": "look"})
    assert "To pay now €4.90" in words(page)

    order = led_to(buyer.press(gift_card=code))

    assert fake.authorization() == (490, 490, 0, 0)
    assert get(order.number).head.payment == "paid"
    assert sorted(Tender.objects.values_list("method", "amount_minor")) == [("fake", 490), ("gift_card", 1000)]
    assert "Nothing is left on this gift card." in words(Buyer().press(gift_card=code))


def test_a_gift_card_that_covers_all_needs_nothing_else(buyer: Buyer, fake: Fake):
    order = led_to(buyer.press(gift_card=a_gift_card(5000), method=""))

    assert get(order.number).head.payment == "paid"
    assert fake.asked() == []


def test_a_gift_card_that_is_none_is_said_beside_its_field(buyer: Buyer):
    answer = buyer.press(gift_card="ABCD-EFGH")

    assert answer.status_code == 422
    assert "There is no gift card with this code." in words(answer)
    assert not Order.objects.exists()


def test_what_is_due_after_a_decline_may_be_paid_with_a_gift_card(buyer: Buyer, fake: Fake):
    link = buyer.press(token="decline=refused")["Location"]

    part = buyer.client.post(link, {"do": "gift_card", "gift_card": a_gift_card(1000)})
    assert part["Location"] == link
    assert "To pay €4.90" in words(buyer.client.get(link))
    led_to(buyer.client.post(link, {"do": "gift_card", "gift_card": a_gift_card(1000)}))

    assert get("1").head.payment == "paid"


def test_who_is_signed_in_need_not_write_again_and_may_spend_his_credit(buyer: Buyer, fake: Fake):
    order = led_to(buyer.press())
    with transaction.atomic():
        grant([Grant(order.customer_id, 600, "EUR")], actor=CLERK)
    session = buyer.client.session
    session["customer"], session["cart"] = order.customer_id, {"TEE": 1}
    session.save()

    page = buyer.look().content.decode()
    assert 'value="ada@example.org"' in page
    assert ">Torstraße 5</textarea>" in page
    assert "Use my credit (€6.00)" in words(buyer.look())
    led_to(buyer.press(use_credit="1"))

    assert sorted(Tender.objects.values_list("method", "amount_minor")) == [
        ("fake", 890),
        ("fake", 1490),
        ("store_credit", 600),
    ]


def test_nobody_spends_the_credit_of_another(buyer: Buyer, fake: Fake):
    order = led_to(buyer.press())
    with transaction.atomic():
        grant([Grant(order.customer_id, 600, "EUR")], actor=CLERK)

    led_to(Buyer().press(use_credit="1"))

    assert not Tender.objects.filter(method="store_credit").exists()


def test_who_is_signed_in_spends_no_credit_of_the_address_that_he_writes(buyer: Buyer, fake: Fake):
    victim = led_to(buyer.press()).customer_id
    thief = led_to(Buyer().press(email="eve@example.org")).customer_id
    with transaction.atomic():
        grant([Grant(victim, 600, "EUR"), Grant(thief, 600, "EUR")], actor=CLERK)
    eve = Buyer()
    session = eve.client.session
    session["customer"] = thief
    session.save()

    answer = eve.press(use_credit="1")

    assert answer.status_code == 422
    assert "Your credit is yours alone" in words(answer)
    assert not Tender.objects.filter(method="store_credit").exists()
    led_to(eve.press(use_credit="1", email="Eve@example.org"))
    assert Tender.objects.get(method="store_credit").order.customer_id == thief


def test_a_refusal_that_nobody_foresaw_does_not_stick_to_the_checkout(buyer: Buyer, fake: Fake):
    form = {**buyer.hidden(), **ADA}
    Sku.objects.update(active=False)
    gone = Draft("web", [LineDraft("TEE", 1)], CustomerDraft())
    refused = place_one(Request(gone, actors.system("shop"), 0, f"checkout-{form['key']}", b"checkout"))
    Sku.objects.update(active=True)
    assert not isinstance(refused, Placed)

    first = buyer.client.post("/checkout", form)

    assert first.status_code == refused.refusal.status
    led_to(buyer.press())


@pytest.mark.parametrize(("inside", "total", "tax"), [(True, 1490, 238), (False, 1773, 283)])
def test_a_tax_is_inside_the_prices_or_on_top_and_rounded_once(buyer: Buyer, fake: Fake, settings, inside, total, tax):
    settings.SHOP_TAX = "VAT 19 %=0.19"
    Channel.objects.update(prices_include_tax=inside)

    order = led_to(buyer.press())

    seen = get(order.number)
    assert (seen.head.total_minor, fake.authorization()[0]) == (total, total)
    assert [(one.label, one.amount_minor, one.included) for one in seen.adjustments][1:] == [("VAT 19 %", tax, inside)]


def test_a_script_may_ask_whether_all_is_right_before_a_card_is_taken(buyer: Buyer, fake: Fake):
    form = {**buyer.hidden(), **ADA, "do": "check"}

    assert buyer.client.post("/checkout", form).status_code == 204
    wrong = buyer.client.post("/checkout", {**form, "postal_code": "1"})

    assert (wrong.status_code, "This cannot be right." in words(wrong)) == (200, True)
    assert not Order.objects.exists()
