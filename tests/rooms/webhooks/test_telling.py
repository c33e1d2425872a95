"""Stories of endpoints that are told what happens, by real requests to a real server."""

import shutil
import socket
import ssl
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from builders import CLERK, a_shelf, an_order
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from receivers import Behaviour, Receiver, receiver
from shelves import happened, wait_for_the_log
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from orderwright.flows.audit import audit
from orderwright.flows.note_orders import WriteNote, note_orders
from orderwright.kernel import clock, feed
from orderwright.kernel.events import Happening, record
from orderwright.orders.telling import described
from orderwright.webhooks import connecting, following, guarding, queries, settling, signing, taking
from orderwright.webhooks.auditing import CHECKS
from orderwright.webhooks.editing import Wish, create_webhook, delete_webhook, edit_webhook, rotate_secret
from orderwright.webhooks.forgetting import forget_old_deliveries
from orderwright.webhooks.models import Attempt, Delivery, Endpoint
from orderwright.webhooks.pausing import pause_webhook, resume_webhook
from orderwright.webhooks.replaying import Span, TooMuchToReplay, replay, resend
from orderwright.webhooks.sending import SenderThread, send_all

__all__ = ["receiver"]
pytestmark = pytest.mark.django_db(transaction=True)


def endpoint(url: str, *kinds: str, **more: object) -> int:
    wait_for_the_log()  # it is told what happens from here on: of what can be read
    return create_webhook(Wish(url=url, kinds=kinds or ("*",), **more), actor=CLERK)[0].pk


def send(at: datetime | None = None) -> int:
    wait_for_the_log()
    if at is None:
        return send_all()
    with clock.at(at):
        return send_all()


def until(true: Callable[[], bool], patience_seconds: float = 20) -> None:
    end = time.monotonic() + patience_seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.01)


def noted(*orders: int, words: str = "rang") -> None:
    """Another event of each of these orders."""
    note_orders([WriteNote(order, words) for order in orders], actor=CLERK)


def states() -> list[tuple[str, int]]:
    """The states of all deliveries with how often each was tried, in the order of their events."""
    return list(Delivery.objects.order_by("event_id").values_list("state", "tries"))


@pytest.fixture(autouse=True)
def _clean() -> Iterator[None]:
    """After each story the audit of deliveries finds nothing."""
    yield
    assert [(finding.check.name, finding.examples) for finding in audit(CHECKS) if finding.wrong] == []


@pytest.fixture
def orders(db: None) -> Callable[[int], list[int]]:
    """Places so many orders of one line; answers their ids."""

    def place(count: int) -> list[int]:
        a_shelf("BERLIN", "TEE", count)
        return [an_order().with_line("TEE", 1).placed().id for _ in range(count)]

    return place


def test_an_event_is_told_as_the_feed_shows_it_and_signed(receiver, orders):
    webhook, secret = create_webhook(Wish(url=receiver.url + "/hook", kinds=["order.placed"]), actor=CLERK)
    orders(1)

    made = send()

    (message,) = receiver.messages
    (told,) = feed.read(kinds=["order.placed"])
    document = described([told])[0]
    assert made == 1
    assert Webhook(secret).verify(message.body, message.headers)["type"] == "order.placed"
    assert message.headers["content-type"] == "application/json"
    assert message.headers["webhook-id"] == f"msg_1_{told.id}_{webhook.pk}"
    assert message.document["data"] == document | {"at": message.document["timestamp"]} | {
        "recorded_at": message.document["data"]["recorded_at"]
    }
    with pytest.raises(WebhookVerificationError):
        Webhook(signing.new_secret()).verify(message.body, message.headers)
    assert states() == [("delivered", 1)]


def test_each_endpoint_is_told_what_it_wants_since_it_is_there(receiver, orders):
    (before,) = orders(1)
    endpoint(receiver.url + "/placed", "order.placed")
    endpoint(receiver.url + "/orders", "order.*")
    endpoint(receiver.url + "/webhooks", "webhook.*")
    endpoint(receiver.url + "/all")
    wait_for_the_log()
    noted(before)
    orders(1)

    send()

    assert [message.kind for message in receiver.at("/placed")] == ["order.placed"]
    assert sorted(message.kind for message in receiver.at("/orders")) == ["order.noted", "order.placed"]
    assert [message.kind for message in receiver.at("/webhooks")] == ["webhook.created"] * 2
    assert sorted(message.kind for message in receiver.at("/all")) == [
        "order.noted",
        "order.placed",
        "stock.received",
        "webhook.created",
    ]


def test_an_order_is_told_in_its_order_and_overtakes_no_other(receiver, orders):
    hook = endpoint(receiver.url + "/hook", "order.*", concurrency=8)
    placed = orders(6)
    for _round in range(4):
        noted(*placed)
    receiver.plans["/hook"] = [Behaviour(after_seconds=0.1), Behaviour(500)]

    send()
    stuck = Delivery.objects.exclude(state="delivered").count()
    send(clock.now() + timedelta(minutes=1))

    told: dict[str, list[int]] = {}
    for message in receiver.at("/hook"):
        order, place = message.place
        if place not in told.setdefault(order, []):
            told[order].append(place)
    assert stuck == 5
    assert len(told) == 6
    assert all(places == sorted(places) and len(places) >= 5 for places in told.values())
    assert receiver.most_at_once <= 8
    assert queries.health(hook).waiting == 0


def test_a_later_event_waits_until_the_earlier_one_was_given_up_after_three_days(receiver, orders):
    webhook = endpoint(receiver.url + "/hook", "order.*")
    (stubborn, fine) = orders(2)
    noted(stubborn)
    receiver.always["/hook"] = Behaviour(400)
    start = clock.now()
    send(start)
    assert [state for state, _tries in states()] == ["waiting"] * 3
    receiver.always.clear()
    Delivery.objects.filter(order_id=fine).update(due_at=start)
    send(start + timedelta(seconds=1))
    assert [state for state, _tries in states()] == ["waiting", "delivered", "waiting"]

    receiver.always["/hook"] = Behaviour(400)
    now, last = start, start + timedelta(days=3)
    while now < last:
        now = min(Delivery.objects.filter(state="waiting", due_at__isnull=False).get().due_at, last)
        send(now)

    failed = Delivery.objects.get(order_id=stubborn, place_in_order=1)
    assert (failed.state, Endpoint.objects.get().state) == ("failed", "active")
    assert 10 <= failed.tries <= 25
    waits = [attempt.at for attempt in Attempt.objects.filter(delivery=failed).order_by("number")]
    assert waits[-1] == start + timedelta(days=3)
    assert waits[1] - waits[0] < timedelta(seconds=7)
    assert max(later - earlier for earlier, later in pairwise(waits)) < timedelta(hours=10)
    receiver.always.clear()
    send(now + timedelta(seconds=10))
    assert Delivery.objects.get(order_id=stubborn, place_in_order=2).state == "delivered"

    resend(webhook, failed.pk, actor=CLERK)
    send(now + timedelta(seconds=11))
    assert Delivery.objects.get(pk=failed.pk).state == "delivered"
    assert len({m.headers["webhook-id"] for m in receiver.messages if m.place[1] == 1}) == 2


def test_an_endpoint_that_takes_nothing_for_three_days_is_paused_and_nothing_is_lost(receiver, orders):
    webhook = endpoint(receiver.url + "/hook", "order.*")
    (order,) = orders(1)
    noted(order)
    receiver.always["/hook"] = Behaviour(hang_up=True)
    start = now = clock.now()
    while Endpoint.objects.get().state == "active":
        send(now)
        now += timedelta(hours=1)
        assert now < start + timedelta(days=4)
    asked = len(receiver.messages)
    noted(order)
    send(now)

    paused = Endpoint.objects.get()
    assert (paused.paused_by, paused.failing_since) == ("failures", start)
    assert now - start >= timedelta(days=3)
    assert len(receiver.messages) == asked
    assert [state for state, _tries in states()] == ["waiting"] * 3
    assert happened()[-2:] == ["webhook.paused", "order.noted"]
    (told,) = feed.read(kinds=["webhook.paused"])
    assert (told.facts["webhook"], told.facts["by"], told.facts["waiting"]) == (webhook, "failures", 2)

    receiver.always.clear()
    receiver.messages.clear()
    with clock.at(now):
        resume_webhook(webhook, actor=CLERK)
    send(now)
    assert [message.place[1] for message in receiver.messages] == [1, 2, 3]
    assert {state for state, _tries in states()} == {"delivered"}
    assert happened()[-1] == "webhook.resumed"


def test_who_is_gone_is_paused_at_once(receiver, orders):
    endpoint(receiver.url + "/hook", "order.*")
    receiver.always["/hook"] = Behaviour(410)
    orders(1)

    send()

    assert Endpoint.objects.values_list("state", "paused_by").get() == ("paused", "gone")
    assert states() == [("waiting", 1)]


def test_paused_by_hand_waits_and_a_deleted_one_is_forgotten(receiver, orders):
    webhook = endpoint(receiver.url + "/hook", "order.*")
    pause_webhook(webhook, actor=CLERK)
    orders(2)
    send()
    assert receiver.messages == []

    delete_webhook(webhook, actor=CLERK)
    with clock.at(clock.now() + timedelta(hours=1)):
        forget_old_deliveries()

    assert send() == 0
    assert not Delivery.objects.exists()


@pytest.mark.parametrize(
    ("behaviour", "seconds"),
    [
        (Behaviour(429, {"Retry-After": "120"}), 120),
        (Behaviour(503, {"Retry-After": "999999"}), 3600),
        (Behaviour(503, {"Retry-After": "Fri, 31 Dec 1999 23:59:59 GMT"}), 5),
        (Behaviour(429, {"Retry-After": "soon"}), 5),
        (Behaviour(500, {"Retry-After": "120"}), 5),
    ],
)
def test_who_asks_for_time_gets_it(receiver, orders, behaviour, seconds):
    endpoint(receiver.url + "/hook", "order.*")
    receiver.plans["/hook"] = [behaviour]
    orders(1)
    start = clock.now()

    send(start)

    due = Delivery.objects.get().due_at
    assert due is not None
    assert abs((due - start).total_seconds() - seconds) <= 0.2 * 5
    send(start + timedelta(seconds=seconds * 1.2 + 1))
    assert states() == [("delivered", 2)]


@pytest.mark.parametrize(
    ("behaviour", "outcome"),
    [
        (Behaviour(302, {"Location": "/elsewhere"}), "refused"),
        (Behaviour(hang_up=True), "broken"),
        (Behaviour(204, {"Content-Length": "x"}), "broken"),
        (Behaviour(200, {}, b"\x00\xff" * 500_000), "delivered"),
        (Behaviour(200, {"X-Big": "x" * 500_000}), "broken"),
    ],
)
def test_whatever_is_answered_is_written_down(receiver, orders, behaviour, outcome):
    endpoint(receiver.url + "/hook", "order.*")
    receiver.plans["/hook"] = [behaviour]
    orders(1)

    send()

    attempt = Attempt.objects.get()
    assert (attempt.outcome, attempt.url) == (outcome, receiver.url + "/hook")
    assert len(attempt.answer) <= 2000
    assert receiver.at("/elsewhere") == []
    assert states() == [("delivered" if outcome == "delivered" else "waiting", 1)]


def test_who_is_slow_is_not_waited_for(receiver, orders, monkeypatch):
    monkeypatch.setattr("orderwright.webhooks.asking.TIMEOUT_SECONDS", 0.3)
    endpoint(receiver.url + "/hook", "order.*")
    receiver.always["/hook"] = Behaviour(after_seconds=2)
    orders(1)

    send()

    assert Attempt.objects.values_list("outcome", "status").get() == ("timeout", None)


def test_a_new_secret_signs_along_with_the_old_one_until_that_expires(receiver, orders):
    webhook, old = create_webhook(Wish(url=receiver.url + "/hook", kinds=["order.*"]), actor=CLERK)
    new, expire = rotate_secret(webhook.pk, overlap=timedelta(hours=1), actor=CLERK)
    (order,) = orders(1)
    send()
    noted(order)
    now = datetime.now(UTC)
    Endpoint.objects.update(created_at=now)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE webhook_secret SET expires_at = %s WHERE expires_at IS NOT NULL", [now])
    send()

    first, second = receiver.messages
    assert expire > now
    assert len(first.headers["webhook-signature"].split()) == 2
    for secret in (old, new):
        assert Webhook(secret).verify(first.body, first.headers)
    assert Webhook(new).verify(second.body, second.headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(old).verify(second.body, second.headers)


def test_a_span_is_replayed_under_the_same_ids_with_what_was_before(receiver, orders):
    old, new = orders(2)
    webhook = endpoint(receiver.url + "/hook", "order.*")
    wait_for_the_log()
    noted(new, old)
    send()
    first = {message.headers["webhook-id"] for message in receiver.messages}
    receiver.messages.clear()

    told = replay(webhook, Span(kinds=["order.placed", "order.noted"]), actor=CLERK)
    send()

    assert told == 4
    places = [message.place for message in receiver.messages]
    assert sorted(places) == [("1", 1), ("1", 2), ("2", 1), ("2", 2)]
    assert all(places.index((order, 1)) < places.index((order, 2)) for order in ("1", "2"))
    assert first < {message.headers["webhook-id"] for message in receiver.messages}
    assert set(Delivery.objects.values_list("replays", flat=True)) == {1}


def test_a_span_is_bounded_by_cursors_and_times(receiver, orders):
    (order,) = orders(1)
    webhook = endpoint(receiver.url + "/hook", "order.placed")
    wait_for_the_log()
    middle = feed.end()
    noted(order)
    send()
    (note,) = feed.read(kinds=["order.noted"])

    everything = ("*",)
    assert replay(webhook, Span(after=middle, kinds=everything), actor=CLERK) == 1
    assert replay(webhook, Span(after=feed.end(), kinds=everything), actor=CLERK) == 0
    assert replay(webhook, Span(until=middle), actor=CLERK) == 1
    assert replay(webhook, Span(since=note.at, before=note.at + timedelta(microseconds=1)), actor=CLERK) == 0
    assert replay(webhook, Span(before=note.at - timedelta(days=1), kinds=everything), actor=CLERK) == 0
    with pytest.raises(feed.BadCursor):
        replay(webhook, Span(after="here"), actor=CLERK)


def test_too_much_is_not_replayed(receiver, orders, monkeypatch):
    orders(3)
    webhook = endpoint(receiver.url + "/hook")
    send()
    monkeypatch.setattr("orderwright.webhooks.replaying.MOST_EVENTS", 2)

    with pytest.raises(TooMuchToReplay):
        replay(webhook, Span(), actor=CLERK)

    assert happened().count("webhook.replayed") == 0


def test_new_kinds_are_wanted_of_all_that_was_not_dealt_with(receiver, orders):
    webhook = endpoint(receiver.url + "/hook", "order.placed")
    (order,) = orders(1)
    send()
    noted(order)

    edit_webhook(webhook, {"kinds": ["order.noted"]}, seen=1, actor=CLERK)
    send()

    assert [message.kind for message in receiver.messages] == ["order.placed", "order.noted"]


def test_the_dead_delays_nobody(receiver, orders):
    with socket.socket() as dead:
        dead.bind(("127.0.0.1", 0))
        endpoint(f"http://127.0.0.1:{dead.getsockname()[1]}/", "order.*")
        endpoint(receiver.url + "/hook", "order.*")
        orders(30)
        sender = SenderThread()
        sender.start()
        try:
            wait_for_the_log()
            began = time.monotonic()
            while len(receiver.messages) < 30:
                assert time.monotonic() - began < 20
                time.sleep(0.02)
        finally:
            sender.end()

    tried = Attempt.objects.exclude(outcome="delivered")
    assert set(tried.values_list("outcome", flat=True)) == {"unreachable"}
    assert 5 <= tried.count() <= 16
    assert Endpoint.objects.get(failures__gt=0).rests_until is not None


def test_back_from_the_dead_all_is_told_soon(receiver, orders):
    endpoint(receiver.url + "/hook", "order.*")
    receiver.always["/hook"] = Behaviour(503)
    orders(12)
    start = clock.now()
    for minutes in range(0, 60, 5):
        send(start + timedelta(minutes=minutes))
    receiver.always.clear()

    send(start + timedelta(hours=2))

    assert {state for state, _tries in states()} == {"delivered"}
    assert Endpoint.objects.values_list("failures", "failing_since", "rests_until").get() == (0, None, None)


def test_a_name_that_leads_inside_is_not_called(receiver, orders, settings, monkeypatch):
    """However often the name changes its mind: what was looked at is what is called."""
    settings.WEBHOOKS_INSIDE = ""
    webhook = endpoint(receiver.url.replace("127.0.0.1", "rebinding.example") + "/hook", "order.*")
    asked: list[str] = []

    def getaddrinfo(host: str, port: int, *_more: object, **_words: object) -> list[object]:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    orders(1)
    wait_for_the_log()

    send()

    attempt = Attempt.objects.get()
    assert asked == ["rebinding.example"]
    assert (attempt.outcome, attempt.answer) == ("unreachable", "the address lies inside a network")
    assert receiver.messages == []
    assert queries.owner_of(webhook) == ""


def test_of_several_addresses_only_one_outside_is_called():
    assert guarding.first_outside(["10.0.0.1", "::1", "93.184.215.14", "1.1.1.1"]) == "93.184.215.14"
    with pytest.raises(guarding.Inside):
        guarding.first_outside(["10.0.0.1", "::ffff:10.0.0.1"])


def test_who_is_killed_while_sending_delays_and_loses_nothing(receiver, orders):
    endpoint(receiver.url + "/hook", "order.*")
    orders(1)
    wait_for_the_log()
    following.follow()
    (opened,) = taking.open_endpoints()
    assert len(taking.take({opened.id: 5})) == 1  # by somebody who is never heard of again

    assert taking.take({opened.id: 5}) == []
    assert send() == 0
    assert send(clock.now() + timedelta(seconds=taking.LEASE_SECONDS + 1)) == 1

    assert states() == [("delivered", 2)]


def test_who_settles_late_cannot_undo_what_another_settled(receiver, orders):
    endpoint(receiver.url + "/hook", "order.*")
    orders(1)
    wait_for_the_log()
    following.follow()
    (opened,) = taking.open_endpoints()
    (late,) = taking.take({opened.id: 5})
    send(clock.now() + timedelta(seconds=taking.LEASE_SECONDS + 1))

    settling.settle([settling.Answer(late, opened.url, clock.now(), 0.1, "refused", 500)])

    assert states() == [("delivered", 2)]


def test_the_number_of_statements_does_not_depend_on_the_number_of_deliveries(receiver, orders):
    webhook = endpoint(receiver.url + "/hook", "order.*", concurrency=64)

    def statements(count: int) -> list[int]:
        orders(count)
        wait_for_the_log()
        counts = []
        with CaptureQueriesContext(connection) as captured:
            following.follow_once()
        counts.append(len(captured))
        with CaptureQueriesContext(connection) as captured:
            taken = taking.take({webhook: 64})
        counts.append(len(captured))
        answers = [settling.Answer(leased, "https://x", clock.now(), 0.1, "delivered", 200) for leased in taken]
        assert len(answers) == count
        with CaptureQueriesContext(connection) as captured:
            settling.settle(answers)
        counts.append(len(captured))
        return counts

    assert statements(1) == statements(20)


def test_old_deliveries_are_forgotten_with_their_attempts_and_those_that_wait_are_not(receiver, orders):
    endpoint(receiver.url + "/hook", "order.*")
    receiver.plans["/hook"] = [Behaviour(), Behaviour(500)]
    orders(2)
    send()

    with clock.at(clock.now() + timedelta(days=29)):
        assert forget_old_deliveries() == 0
    with clock.at(clock.now() + timedelta(days=31)):
        assert forget_old_deliveries() == 1

    assert Delivery.objects.values_list("state", flat=True).get() == "waiting"
    assert Attempt.objects.values_list("outcome", flat=True).get() == "refused"
    Endpoint.objects.update(wanted_since=feed.end())  # as if it were forgotten because it is old


def test_the_sender_tells_within_a_second(receiver, orders):
    endpoint(receiver.url + "/hook", "order.*")
    sender = SenderThread()
    sender.start()
    try:
        time.sleep(0.5)
        began = time.monotonic()
        orders(1)
        while not receiver.messages:
            assert time.monotonic() - began < 20
            time.sleep(0.005)
    finally:
        sender.end()

    assert states() == [("delivered", 1)]


def test_who_moved_is_told_at_the_new_address(receiver, orders):
    webhook = endpoint(receiver.url + "/hook", "order.*")
    (order,) = orders(1)
    elsewhere, sender = Receiver(), SenderThread()
    sender.start()
    try:
        until(lambda: Delivery.objects.filter(state="delivered").count() == 1)
        edit_webhook(webhook, {"url": elsewhere.url + "/new"}, seen=1, actor=CLERK)
        time.sleep(0.5)
        noted(order)
        until(lambda: Delivery.objects.filter(state="delivered").count() == 2)
    finally:
        sender.end()
        elsewhere.stop()

    assert [message.kind for message in receiver.messages] == ["order.placed"]
    assert [(message.path, message.kind) for message in elsewhere.messages] == [("/new", "order.noted")]


def test_two_senders_share_the_work(receiver, orders):
    endpoint(receiver.url + "/hook", "order.*")
    placed = orders(40)
    noted(*placed)
    wait_for_the_log()

    def work() -> None:
        try:
            send_all()
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    ids = [message.headers["webhook-id"] for message in receiver.messages]
    assert len(ids) == len(set(ids)) == 80


def test_a_happening_of_no_order_waits_for_nothing(receiver):
    endpoint(receiver.url + "/hook", "law.*")
    receiver.plans["/hook"] = [Behaviour(500)]
    with transaction.atomic():
        record([Happening("law.passed", CLERK, {"n": n}) for n in range(3)])

    send()

    assert sorted(state for state, _tries in states()) == ["delivered", "delivered", "waiting"]


@pytest.mark.skipif(shutil.which("openssl") is None, reason="certificates are made by openssl")
def test_only_a_certificate_that_is_theirs_is_believed(receiver, orders, tmp_path, monkeypatch):
    make = "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=hook.example -addext subjectAltName=DNS:hook.example"
    certificate, key = str(tmp_path / "certificate.pem"), str(tmp_path / "key.pem")
    subprocess.run(["openssl", *make.split(), "-keyout", key, "-out", certificate], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    receiver.server.socket = context.wrap_socket(receiver.server.socket, server_side=True)
    real = socket.getaddrinfo
    names = ("hook.example", "other.example")
    monkeypatch.setattr(
        socket, "getaddrinfo", lambda host, *more, **words: real("127.0.0.1" if host in names else host, *more, **words)
    )
    trusting = ssl.create_default_context(cafile=certificate)
    for name in names:
        endpoint(receiver.url.replace("http://127.0.0.1", f"https://{name}") + f"/{name}", "order.*")
    (order,) = orders(1)

    send()
    assert set(Attempt.objects.values_list("outcome", flat=True)) == {"unreachable"}
    monkeypatch.setattr(connecting, "tls", lambda: trusting)
    noted(order)
    send(clock.now() + timedelta(minutes=1))

    assert {message.path for message in receiver.messages} == {"/hook.example"}
    assert Attempt.objects.filter(outcome="delivered").count() == 2
