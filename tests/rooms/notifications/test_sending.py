"""How letters get out: through a real SMTP server that behaves or does not, and who gets none."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from builders import CLERK, PlacedOrder, a_shelf, an_order
from django.conf import LazySettings
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from letterbox import an_eventful_order, happen
from mail_server import MailServer, mail_server
from shelves import wait_for_the_log

from orderwright.customers.models import Customer
from orderwright.flows.cancel_orders import Cancel, cancel_orders
from orderwright.flows.forget_customers import forget_customers
from orderwright.flows.mark_received import Received, mark_received
from orderwright.kernel import clock, feed
from orderwright.kernel.events import Happening, record
from orderwright.kernel.models import Event
from orderwright.notifications import deciding, sending, ways
from orderwright.notifications.following import follow, write_letters
from orderwright.notifications.forgetting import erase_letters
from orderwright.notifications.gathering import gather
from orderwright.notifications.kinds import EMAIL, SMS
from orderwright.notifications.models import Letter, Way
from orderwright.notifications.resending import resend, send_test
from orderwright.notifications.switching import Said, say, switch
from orderwright.notifications.taking import LEASE, give_back, take
from orderwright.payments.linking import pay_url

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def server(settings: LazySettings) -> Iterator[MailServer]:
    with mail_server() as server:
        settings.EMAIL_URL = server.url
        settings.EMAIL_FROM = "Tea Shop <orders@tea.example>"
        yield server


def placed(email: str = "ada@example.org") -> PlacedOrder:
    if not Event.objects.filter(kind="stock.received").exists():
        a_shelf("BERLIN", "TEE", 100)
    return an_order().with_line("TEE").by(email).placed()


def work(at: datetime | None = None) -> int:
    wait_for_the_log()
    with clock.at(at or clock.now()):
        return sending.follow_and_send()


def states(**filters: object) -> list[tuple[str, str]]:
    return list(Letter.objects.filter(**filters).order_by("id").values_list("state", "reason"))


def test_a_letter_goes_out_once_with_its_events_id(server: MailServer):
    order = placed()

    work()
    work()

    (letter,) = server.letters
    event = Event.objects.get(kind="order.placed")
    assert letter["Message-ID"] == f"<{event.pk}.order_confirmed@tea.example>"
    assert letter["From"] == "Tea Shop <orders@tea.example>"
    assert letter["To"] == "ada@example.org"
    assert letter["Subject"] == "Your order 1 is confirmed"
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert letter["List-Unsubscribe"].strip().startswith("<http://127.0.0.1:8000/unsubscribe/")
    assert [part.get_content_type() for part in letter.iter_parts()] == ["text/plain", "text/html"]
    row = Letter.objects.get()
    assert (row.state, row.provider, row.answer, row.tries) == ("sent", "smtp 127.0.0.1", "accepted", 1)
    assert order.events[-1] == "letter.sent"
    assert "ada@example.org" not in str(order.facts("letter.sent"))


def test_after_a_restore_a_letters_name_is_new_though_its_events_number_is_not(server: MailServer):
    placed()
    Event.objects.update(epoch=327)  # as `feed.begin_epoch` has new events say
    work()

    event = Event.objects.get(kind="order.placed")
    (letter,) = server.letters
    assert letter["Message-ID"] == f"<327-{event.pk}.order_confirmed@tea.example>"


def test_what_is_refused_for_good_is_not_tried_again_and_spoils_no_neighbour(server: MailServer):
    server.says["nobody@example.org"] = "550 no such user nobody@example.org here"
    refused, fine = placed("nobody@example.org"), placed("ada@example.org")

    work()
    work(clock.now() + timedelta(hours=5))

    assert [letter["To"] for letter in server.letters] == ["ada@example.org"]
    assert states(order_id=refused.id) == [("refused", "550 no such user … here")]
    assert refused.events[-1] == "letter.refused"
    assert refused.facts("letter.refused")["reason"] == "550 no such user … here"
    assert fine.events[-1] == "letter.sent"


def test_what_is_not_taken_now_is_tried_again_later(server: MailServer):
    server.says["ada@example.org"] = "451 greylisted"
    placed()

    work()

    assert states() == [("waiting", "451 greylisted")]
    assert server.letters == []
    server.says.clear()
    work()
    assert server.letters == []
    work(clock.now() + timedelta(seconds=61))
    assert states() == [("sent", "")]
    assert len(server.letters) == 1


def test_a_provider_that_is_away_rests_and_is_shown(settings: LazySettings, server: MailServer):
    settings.EMAIL_URL = "smtp://127.0.0.1:9"
    for number in range(3):
        placed(f"{number}@example.org")

    work()

    assert [state for state, _reason in states()] == ["waiting"] * 3
    way = Way.objects.get(channel=EMAIL)
    assert way.failures >= 1
    assert "Connection refused" in way.last_problem
    assert way.rests_until > clock.now()
    assert ways.health()[0].waiting == 3
    settings.EMAIL_URL = server.url
    assert work() == 0
    assert work(clock.now() + timedelta(minutes=10)) == 3
    assert len(server.letters) == 3
    assert Way.objects.get(channel=EMAIL).failures == 0


def test_a_letter_is_given_up_after_three_days(settings: LazySettings):
    settings.EMAIL_URL = "smtp://127.0.0.1:9"
    order = placed()

    work()
    work(clock.now() + timedelta(days=3, minutes=1))

    ((state, reason),) = states()
    assert state == "refused"
    assert reason.startswith("given_up: ConnectionRefusedError")
    assert order.events[-1] == "letter.refused"


def test_whoever_hangs_up_after_the_letter_may_get_it_twice_with_one_name(server: MailServer):
    server.after_data = "hang up"
    placed()

    work()

    assert states()[0][0] == "waiting"
    server.after_data = ""
    work(clock.now() + timedelta(minutes=10))
    assert states() == [("sent", "")]
    assert len({letter["Message-ID"] for letter in server.letters}) == 1


def test_a_slow_provider_gets_several_letters_at_once(server: MailServer):
    server.seconds = 0.3
    for number in range(8):
        placed(f"{number}@example.org")

    begun = time.monotonic()
    work()

    assert len(server.letters) == 8
    assert time.monotonic() - begun < 8 * 0.3


def test_who_is_killed_between_acceptance_and_record_sends_again_with_the_same_name(server: MailServer):
    placed()
    wait_for_the_log()
    follow()
    (letter,) = gather(take(EMAIL, 10))
    messenger = ways.open_messenger(EMAIL)
    messenger.send(sending.prepare(letter, "ada@example.org").message)
    messenger.close()  # and here the process is killed

    assert sending.send_due(EMAIL) == 0
    with clock.at(clock.now() + timedelta(seconds=121)):
        assert sending.send_due(EMAIL) == 1

    assert [letter["Message-ID"] for letter in server.letters] == [server.letters[0]["Message-ID"]] * 2
    assert states() == [("sent", "")]


def test_two_senders_share_the_letters(server: MailServer):
    for number in range(6):
        placed(f"{number}@example.org")
    wait_for_the_log()
    follow()

    mine, others = take(EMAIL, 4), take(EMAIL, 10)

    assert (len(mine), len(others)) == (4, 2)
    assert not set(mine) & set(others)


def test_who_was_too_slow_gives_back_nothing_that_another_has():
    placed()
    wait_for_the_log()
    follow()
    (mine,) = take(EMAIL, 10)
    with clock.at(clock.now() + LEASE + timedelta(seconds=1)):
        assert take(EMAIL, 10) == [mine]

        give_back([(mine, 1)])
        assert take(EMAIL, 10) == []

        give_back([(mine, 2)])
        assert take(EMAIL, 10) == [mine]


def test_an_order_that_waits_for_money_is_confirmed_when_it_came(settings: LazySettings):
    settings.BANK_DETAILS = "Tea Shop, DE02 1203 0000 0000 2020 51"
    a_shelf("BERLIN", "TEE", 5)
    order = an_order().with_line("TEE").paid_by("bank_transfer").placed()

    work()

    assert list(Letter.objects.values_list("kind", flat=True)) == ["payment_due"]
    text = Letter.objects.get().text
    assert "Please transfer it to:\nTea Shop, DE02 1203 0000 0000 2020 51\nReference: 1" in text
    assert "€10.00" in text
    happen(order, {"order.confirmed": {}})
    work()
    assert list(Letter.objects.order_by("id").values_list("kind", flat=True)) == ["payment_due", "order_confirmed"]


@pytest.mark.parametrize("paid", [False, True])
def test_a_card_that_was_declined_brings_the_link_to_pay_unless_another_card_paid_meanwhile(paid):
    a_shelf("BERLIN", "TEE", 5)
    order = an_order().with_line("TEE").paid_by("bank_transfer").placed()
    work()
    Letter.objects.all().delete()
    happen(order, {"tender.declined": {"amount_minor": 1000, "currency": "EUR", "reason": "refused"}})
    work()
    assert list(Letter.objects.values_list("kind", "state")) == [("payment_due", "waiting")]

    if paid:
        mark_received([Received(order.id)], actor=CLERK)
    with clock.at(clock.now() + timedelta(minutes=16)):
        work()

    letter = Letter.objects.get(kind="payment_due")
    assert letter.state == ("suppressed" if paid else "sent")
    assert (pay_url(order.id) in letter.text) is not paid


def test_what_is_no_longer_so_is_not_sent():
    order = placed()
    wait_for_the_log()
    follow()
    cancel_orders([Cancel(order.id, "customer")], actor=CLERK)

    work()

    assert list(Letter.objects.order_by("id").values_list("kind", "state", "reason")) == [
        ("order_confirmed", "suppressed", "overtaken"),
        ("canceled", "sent", ""),
    ]


def test_nobody_is_told_of_what_is_old():
    a_shelf("BERLIN", "TEE", 5)
    an_order().with_line("TEE").placed_at(clock.now() - timedelta(days=3, hours=1)).placed()

    work()

    assert not Letter.objects.exists()


def test_who_does_not_want_a_kind_gets_all_others():
    order = placed()
    customer = Customer.objects.get().pk
    say(customer, [Said(EMAIL, "order_confirmed", False)], actor=CLERK)

    work()
    cancel_orders([Cancel(order.id, "customer")], actor=CLERK)
    work()

    assert states() == [("suppressed", "unwanted"), ("sent", "")]


def test_the_shop_switches_a_kind_off_and_on():
    switch("order_confirmed", EMAIL, False, actor=CLERK)
    placed()
    work()
    assert states() == [("suppressed", "switched_off")]

    switch("order_confirmed", EMAIL, True, actor=CLERK)
    placed("bob@example.org")
    work()
    assert states()[1:] == [("sent", "")]


def test_a_forgotten_person_is_not_written_to_and_no_word_is_kept():
    order = placed()
    work()
    assert Letter.objects.get().html
    customer = Customer.objects.get().pk
    cancel_orders([Cancel(order.id, "customer")], actor=CLERK)
    wait_for_the_log()
    follow()

    forget_customers([customer], actor=CLERK)
    erase_letters([customer])
    work()

    assert states() == [("sent", ""), ("suppressed", "forgotten")]
    assert set(Letter.objects.values_list("subject", "html", "text")) == {("", "", "")}
    assert set(Letter.objects.values_list("answer", flat=True)) == {"erased", ""}


def test_by_sms_only_who_asked_for_it_is_written_to_and_not_at_night(settings: LazySettings):
    order = an_eventful_order("en")
    Letter.objects.all().delete()
    customer = Customer.objects.get().pk
    say(customer, [Said(SMS, "*", True), Said(SMS, "delivered", False)], actor=CLERK)
    night = datetime(2026, 11, 24, 22, 10, tzinfo=UTC)  # 23:10 in Berlin
    with clock.at(night):
        happen(order, {"package.sent_out": {}, "order.delivered": {}}, "1-S1/1")
        wait_for_the_log()
        follow()
        sending.send_messages()

    ((kind, state, reason, due),) = Letter.objects.filter(
        channel=SMS, event_id__gte=_sent_out(), due_at__gt=night
    ).values_list("kind", "state", "reason", "due_at")
    assert (kind, state, reason) == ("out_for_delivery", "waiting", "quiet_hours")
    assert due == datetime(2026, 11, 25, 7, 0, tzinfo=UTC)
    with clock.at(due):
        sending.send_messages()
    sent = Letter.objects.get(channel=SMS, event_id__gte=_sent_out())
    assert (sent.state, sent.html) == ("sent", "")
    assert (
        sent.text
        == "Orderwright: Your parcel of order 1 comes today https://parcels.example/track/JD014600006281230001"
    )


def _sent_out() -> int:
    return Event.objects.filter(kind="package.sent_out").latest("id").pk


@pytest.mark.parametrize(
    ("country", "now", "goes"),
    [
        ("DE", "2026-11-24T10:00:00+00:00", "2026-11-24T10:00:00+00:00"),
        ("DE", "2026-11-24T20:10:00+00:00", "2026-11-25T07:00:00+00:00"),
        ("JP", "2026-11-24T12:10:00+00:00", "2026-11-24T23:00:00+00:00"),
        ("", "2026-11-24T22:00:00+00:00", "2026-11-25T08:00:00+00:00"),
    ],
)
def test_quiet_hours_are_the_readers(country: str, now: str, goes: str):
    zones = deciding.zones_of(country, "UTC")
    moment = datetime.fromisoformat(now)

    assert deciding.first_by_day(moment, zones, "UTC", "21-8") == datetime.fromisoformat(goes)


def test_a_letter_is_sent_once_more_by_hand(server: MailServer):
    placed()
    work()
    first = Letter.objects.get()

    resend(first.pk)
    work()

    again = Letter.objects.get(copy=1)
    assert (again.resent_id, again.state) == (first.pk, "sent")
    assert [letter["Message-ID"] for letter in server.letters] == [
        f"<{first.event_id}.order_confirmed@tea.example>",
        f"<{first.event_id}.order_confirmed.1@tea.example>",
    ]


def test_a_test_letter_goes_to_the_shop_and_is_not_kept(server: MailServer):
    placed()

    tried = send_test("order_confirmed", "1", "me@tea.example", language="de")

    (letter,) = server.letters
    assert (letter["To"], letter["Subject"]) == ("me@tea.example", "[Test] Ihre Bestellung 1 ist bestätigt")
    assert letter["Message-ID"] == tried.message_id
    assert not Letter.objects.exists()


def test_many_letters_take_as_many_statements_as_one():
    placed()
    counts = []
    for more in (1, 30):
        for number in range(more):
            placed(f"{more}-{number}@example.org")
        wait_for_the_log()
        told = [one for one in feed.read(limit=1000) if one.kind == "order.placed"]
        with CaptureQueriesContext(connection) as written:
            write_letters(told)
        with CaptureQueriesContext(connection) as sent:
            sending.send_due(EMAIL)
        counts.append((len(written), len(sent)))

    assert counts[0] == counts[1]
    assert Letter.objects.filter(state="sent").count() == 32


def test_staff_letters_go_to_the_shop_or_to_who_owns_the_webhook(settings: LazySettings, server: MailServer):
    settings.SHOP_EMAIL = "clerk@tea.example"
    order = placed()
    happen(order, {"tender.expiring": {"amount_minor": 1000, "currency": "EUR"}})
    from_log = {"webhook.paused": {"webhook": 7, "by": "failures", "waiting": 3}}
    _record_without_order(from_log)
    wait_for_the_log()

    sending.follow_and_send(owners=lambda webhooks: {7: "owner@elsewhere.example"})

    assert {(letter["To"], letter["Subject"]) for letter in server.letters} == {
        ("ada@example.org", "Your order 1 is confirmed"),
        ("clerk@tea.example", "Order 1: an authorization ends soon"),
        ("owner@elsewhere.example", "Webhook 7 is paused"),
    }
    assert "List-Unsubscribe" not in next(one for one in server.letters if one["To"] == "clerk@tea.example")


def _record_without_order(happenings: dict[str, dict[str, object]]) -> None:
    with transaction.atomic():
        record([Happening(kind, CLERK, facts) for kind, facts in happenings.items()])
