"""The audit finds nothing in a shop that was changed through the flows, and names whatever is spoiled by hand."""

import json
import subprocess
import sys
from datetime import date

import pytest
from django.db import connection, transaction
from shops import SHOPPER, a_draft, open_shop, placed

from orderwright.catalog.models import Sku
from orderwright.credits.issuing import NewCard, issue_cards
from orderwright.flows.answer_credits import answer_credits
from orderwright.flows.audit import CHECKS, audit
from orderwright.flows.cancel_orders import Cancel, cancel_orders
from orderwright.flows.deliver_orders import Deliver, deliver_orders
from orderwright.flows.hold_orders import PutHold, hold_orders
from orderwright.flows.move_fulfilment import Move, move_fulfilment
from orderwright.flows.place_orders import Request, place_orders
from orderwright.flows.prepare_shipments import Prepare, prepare_shipments
from orderwright.flows.promise_orders import promise_orders
from orderwright.flows.recall_fulfilment import Recall, recall
from orderwright.flows.reject_fulfilment import Reject, reject_fulfilment
from orderwright.flows.release_orders import Release, release_orders
from orderwright.flows.settle_labels import settle_labels
from orderwright.flows.ship_orders import Ship, ship_orders
from orderwright.fulfilment.models import FulfilmentOrder
from orderwright.fulfilment.working import open_work
from orderwright.inventory.models import Location
from orderwright.inventory.transferring import Sending, send
from orderwright.kernel import sql
from orderwright.kernel.auditing import Check
from orderwright.kernel.errors import Refusal
from orderwright.kernel.money import Money
from orderwright.orders.drafting import AdjustmentDraft, TenderDraft
from orderwright.orders.models import Order
from orderwright.orders.moving import Wanted
from orderwright.payments.models import Attempt
from orderwright.shipping import asking
from orderwright.shipping.models import Package
from orderwright.shipping.ports import Labelled
from orderwright.shipping.settling import Brought

PAID = [TenderDraft("recorded")]


def a_busy_shop() -> None:
    """Orders in several states, one of them through an idempotency key."""
    open_shop()
    delivered = placed(
        a_draft({"TEA": 3, "SET": 1}, tenders=PAID, adjustments=[AdjustmentDraft("shipping", amount="4.90")])
    )
    canceled = placed(a_draft({"TEA": 2, "CUP": 1}, channel="stall"))
    placed(a_draft({"CUP": 40}, when_short="backorder", tenders=PAID))
    held = placed(a_draft({"TEA": 1}))
    place_orders([Request(a_draft({"TEA": 1}), SHOPPER, client_id=7, key="k1", fingerprint=b"f" * 16)])
    release_orders([Release(delivered)], actor=SHOPPER)
    ship_orders([Ship(delivered, [Wanted(1, 2)])], actor=SHOPPER)
    deliver_orders([Deliver(delivered)], actor=SHOPPER)
    ship_orders([Ship(delivered, [Wanted(1, 1)])], actor=SHOPPER)
    a_labelled_package(delivered)
    work_that_is_rejected_and_moved()
    cancel_orders([Cancel(canceled, "customer", lines=[Wanted(1, 1)])], actor=SHOPPER)
    hold_orders([PutHold(held, "fraud")], actor=SHOPPER)
    south, north = Location.objects.order_by("-code").values_list("id", flat=True)
    tea = Sku.objects.get(code="TEA").pk
    send([Sending(south, north, [(tea, 1)], expected_on=date(2026, 12, 1))], actor=SHOPPER)
    promise_orders(Order.objects.values_list("id", flat=True))
    sql.run(A_READER)
    an_order_paid_by_gift_card()
    for statement in (*A_WEBHOOK, *LETTERS):
        sql.run(statement)


@transaction.atomic
def an_order_paid_by_gift_card() -> None:
    """What the card has is set aside, on it as on the order; the rest is still due."""
    (card,) = issue_cards([NewCard(100, "EUR")], actor=SHOPPER)
    order = placed(a_draft({"TEA": 1}, channel="stall", tenders=[TenderDraft("gift_card", None, card.code)]))
    answer_credits([str(pk) for pk in Attempt.objects.filter(tender__order_id=order).values_list("pk", flat=True)])


def work_that_is_rejected_and_moved() -> None:
    """Three orders: a location rejects one, one is moved to the other, and of the third a unit is called back."""
    orders = [placed(a_draft({"TEA": 2}, tenders=PAID)) for _ in range(3)]
    release_orders([Release(order) for order in orders], actor=SHOPPER)
    moved, rejected, _recalled = (open_work(orders)[order][0] for order in orders)
    other = Location.objects.exclude(pk=moved.location_id).get()
    answers = [
        *move_fulfilment([Move(moved.name, other.code, [Wanted(1, 1)])], actor=SHOPPER),
        *reject_fulfilment([Reject(rejected.name, "damaged", [Wanted(1, 1)])], actor=SHOPPER),
        *recall([Recall(orders[2], "customer", [Wanted(1, 1)])], actor=SHOPPER),
    ]
    assert [answer.units for answer in answers if not isinstance(answer, Refusal)] == [1, 1, 1]


def a_labelled_package(order: int) -> None:
    """What is left of the order is packed, and a carrier has made a label."""
    names = FulfilmentOrder.objects.filter(order_id=order, closed_at=None).values_list("name", flat=True)
    packed = prepare_shipments([Prepare(name) for name in names], actor=SHOPPER)
    package = Package.objects.get(shipment__name=packed[0].shipment)
    (question,) = asking.write([asking.Wanted(package.pk, "fake", "label")])
    settle_labels([Brought(question, Labelled("F-1", b"%PDF", Money(490, "EUR")))])


A_READER = """
    INSERT INTO reader_position (reader, cursor) SELECT 'test', epoch || '.' || xact || '.' || id FROM event LIMIT 1
"""

# An endpoint that was told the first two events of every order, and is to be told the others.
A_WEBHOOK = (
    "INSERT INTO webhook_endpoint (url, kinds, created_at) VALUES ('https://example.com', '{order.*}', now())",
    """
    INSERT INTO webhook_delivery (endpoint_id, event_id, kind, order_id, place_in_order, state, due_at, settled_at)
    SELECT w.id, e.id, e.kind, e.order_id, e.place_in_order,
           CASE WHEN e.number <= 2 THEN 'delivered' ELSE 'waiting' END,
           CASE WHEN e.number = 3 THEN now() END, CASE WHEN e.number <= 2 THEN now() END
      FROM webhook_endpoint w,
           (SELECT *, row_number() OVER (PARTITION BY order_id ORDER BY place_in_order) AS number
              FROM event WHERE kind LIKE 'order.%') e
    """,
    """
    INSERT INTO webhook_attempt (delivery_id, number, at, seconds, url, outcome, headers, answer)
    SELECT id, 1, now() + interval '1 second' * place_in_order, 0.1, 'https://example.com', 'delivered', '{}', ''
      FROM webhook_delivery WHERE state = 'delivered'
    """,
    """
    INSERT INTO reader_position (reader, cursor)
    SELECT 'webhooks', epoch || '.' || xact || '.' || id FROM event ORDER BY epoch DESC, xact DESC, id DESC LIMIT 1
    ON CONFLICT (reader) DO UPDATE SET cursor = excluded.cursor
    """,
)

# Letters of all that is told to customers; those to the first customer are sent.
LETTERS = (
    """
    INSERT INTO letter (event_id, kind, channel, order_id, customer_id, state, reason, written_at, due_at, settled_at,
                        sent_at, provider, answer, subject)
    SELECT e.id, CASE WHEN e.kind = 'order.placed' THEN 'order_confirmed' ELSE 'shipped' END, 'email', e.order_id,
           o.customer_id, 'sent', '', now(), now(), now(), now(), 'mailbox', 'kept', 'About your order'
      FROM event e JOIN orders o ON o.id = e.order_id
     WHERE e.kind IN ('order.placed', 'order.canceled', 'order.partly_canceled', 'order.shipped', 'order.delivered')
    """,
    """
    INSERT INTO reader_position (reader, cursor)
    SELECT 'letters', epoch || '.' || xact || '.' || id FROM event ORDER BY epoch DESC, xact DESC, id DESC LIMIT 1
    ON CONFLICT (reader) DO UPDATE SET cursor = excluded.cursor
    """,
)

# What a careless hand at psql could do, for every check: constraints first, where they would refuse it.
SPOILERS: dict[str, list[str]] = {
    "one_promise_stands": ["DROP INDEX promise_current_once"],
    "who_waits_is_promised": [
        "UPDATE promise SET superseded_at = made_at"
        " WHERE line_id IN (SELECT holder_id FROM line_sheet WHERE backordered > 0)"
    ],
    "promises_have_reasons": ["UPDATE promise SET ship_on = NULL, deliver_on = NULL WHERE reason <> 'unknown'"],
    "promises_are_compared_with_what_came": ["UPDATE promise SET came_on = '2001-01-01'"],
    "events_have_letters": ["DELETE FROM letter WHERE kind = 'shipped'"],
    "orders_are_confirmed_once": [
        """INSERT INTO letter (event_id, kind, channel, order_id, state, written_at, due_at, settled_at, sent_at,
                               provider, answer)
           SELECT max(e.id), 'order_confirmed', 'email', e.order_id, 'sent', now(), now(), now(), now(), 'x', 'x'
             FROM event e JOIN letter l ON l.event_id = e.id AND l.kind = 'shipped' GROUP BY e.order_id"""
    ],
    "letters_say_what_became_of_them": ["UPDATE letter SET sent_at = NULL"],
    "letters_have_events": ["UPDATE letter SET order_id = NULL"],
    "forgotten_people_have_no_letters": ["UPDATE customer SET forgotten_at = now()"],
    "stock_sheets_equal_entries": ["UPDATE stock_sheet SET available = available + 1 WHERE available > 0"],
    "stock_entries_take_legal_steps": [
        "UPDATE stock_entry SET target = 'customer' WHERE source = 'available' AND target = 'reserved'"
    ],
    "stock_entries_have_events": ["UPDATE stock_entry SET event_id = -1 WHERE id = (SELECT min(id) FROM stock_entry)"],
    "stock_floors_stand": ["ALTER TABLE stock_sheet DROP CONSTRAINT stock_sheet_available_floor"],
    "kits_have_no_stock": ["UPDATE sku SET is_kit = true WHERE code = 'TEA'"],
    "stock_changes_location_only_in_transfers": [
        "UPDATE stock_entry SET source_place = source_place + 1 WHERE target = 'reserved'"
    ],
    "stock_in_transit_is_expected": ["UPDATE stock_sheet SET in_transit = in_transit + 1 WHERE in_transit > 0"],
    "transfers_close_when_all_came": ["UPDATE expectation SET closed_at = now() WHERE transfer_id IS NOT NULL"],
    "lines_sheets_equal_entries": ["UPDATE line_sheet SET delivered = delivered + 1"],
    "lines_entries_take_legal_steps": ["UPDATE line_entry SET source = 'open' WHERE target = 'delivered'"],
    "lines_entries_have_events": ["UPDATE line_entry SET event_id = -1 WHERE target = 'shipped'"],
    "lines_floors_stand": ["ALTER TABLE line_sheet DROP CONSTRAINT line_sheet_shipped_floor"],
    "lines_are_whole": ["UPDATE order_line SET quantity = quantity + 1 WHERE NOT is_kit"],
    "kits_have_their_parts": ["UPDATE order_line SET parent_id = NULL WHERE parent_id IS NOT NULL"],
    "line_totals_are_rounded_once": ["UPDATE order_line SET total_minor = total_minor + 1 WHERE total_minor > 0"],
    "adjustments_stay_in_their_order": [
        "UPDATE order_adjustment a SET line_id = (SELECT min(id) FROM order_line WHERE order_id <> a.order_id)"
    ],
    "canceled_orders_come_to_nothing": ["UPDATE order_summary SET fulfilment = 'canceled' WHERE total_minor > 0"],
    "tenders_sheets_equal_entries": ["UPDATE tender_sheet SET captured = captured + 1"],
    "tenders_entries_take_legal_steps": ["UPDATE tender_entry SET target = 'refunded' WHERE target = 'captured'"],
    "tenders_entries_have_events": ["UPDATE tender_entry SET event_id = -1"],
    "tenders_floors_stand": ["ALTER TABLE tender_sheet DROP CONSTRAINT tender_sheet_captured_floor"],
    "tender_amounts_add_up": ["UPDATE tender SET amount_minor = amount_minor + 1"],
    "open_questions_hold_their_money": ["UPDATE tender_sheet SET authorizing = authorizing + 1"],
    "questions_are_open_or_answered": [
        """INSERT INTO payment_attempt (id, tender_id, provider, verb, amount_minor, asked_at, answer)
           SELECT gen_random_uuid(), min(id), 'fake', 'capture', 1, now(), 'approved' FROM tender"""
    ],
    "refunds_within_captures": [
        "UPDATE tender_sheet SET refunded = 1",
        "UPDATE tender_entry SET target = 'refunded' WHERE target = 'captured'",
    ],
    "receipts_equal_entries": [
        """INSERT INTO payment_receipt (tender_id, event_id, amount_minor, received_on)
           SELECT min(id), 1, 1, current_date FROM tender"""
    ],
    "credit_sheets_equal_entries": ["UPDATE credit_sheet SET available = available + 1"],
    "credit_entries_take_legal_steps": ["UPDATE credit_entry SET target = 'spent' WHERE target = 'available'"],
    "credit_entries_have_events": ["UPDATE credit_entry SET event_id = -1"],
    "credit_floors_stand": ["ALTER TABLE credit_sheet DROP CONSTRAINT credit_sheet_held_floor"],
    "credit_is_someones": ["UPDATE credit_sheet SET holder_id = -1"],
    "credit_is_on_tenders": ["UPDATE credit_sheet SET held = held - 1, spent = spent + 1"],
    "projections_are_someones": [
        "UPDATE order_summary SET order_id = -1 WHERE order_id = (SELECT min(id) FROM orders)"
    ],
    "reserved_units_are_someones": ["UPDATE stock_sheet SET reserved = reserved + 1 WHERE reserved > 0"],
    "packed_units_are_in_one_package": ["UPDATE package_content SET quantity = quantity + 1"],
    "contents_belong_to_their_shipment": [
        "UPDATE package_content SET line_id = (SELECT min(id) FROM order_line WHERE id <> line_id)"
    ],
    "units_follow_their_packages": ["UPDATE package SET settled = 'lost' WHERE settled = 'delivered'"],
    "packages_are_where_scans_say": ["UPDATE package SET stage = 'in_transit' WHERE stage = 'delivered'"],
    "labels_have_answers": ["UPDATE carrier_question SET tracking_number = 'F-2'"],
    "packages_have_one_label": [
        """INSERT INTO carrier_question (id, package_id, carrier, verb, asked_at, answer, answered_at, tracking_number)
           SELECT gen_random_uuid(), package_id, carrier, verb, now(), answer, now(), 'F-2' FROM carrier_question"""
    ],
    "carriers_are_asked_or_answered": ["UPDATE carrier_question SET answered_at = NULL"],
    "shipments_are_told": ["UPDATE shipment SET state = 'shipped', shipped_at = now() WHERE state = 'prepared'"],
    "work_sheets_equal_entries": ["UPDATE work_sheet SET shipped = shipped + 1"],
    "work_entries_take_legal_steps": ["UPDATE work_entry SET source = 'recalled' WHERE target = 'shipped'"],
    "work_entries_have_events": ["UPDATE work_entry SET event_id = -1 WHERE target = 'rejected'"],
    "work_floors_stand": ["ALTER TABLE work_sheet DROP CONSTRAINT work_sheet_packed_floor"],
    "fulfilment_lines_are_whole": ["UPDATE fulfilment_line SET quantity = quantity + 1"],
    "work_is_of_its_order_and_location": ["UPDATE work_sheet SET place_id = place_id + 1"],
    "released_units_are_in_work": [
        "UPDATE work_sheet SET open = open - 1, recalled = recalled + 1 WHERE open > 0 AND packed = 0"
    ],
    "shipped_work_left": ["UPDATE work_sheet SET open = open + 1, shipped = shipped - 1 WHERE shipped > 0"],
    "fulfilment_orders_close_when_done": [
        "UPDATE fulfilment_order SET state = 'closed', closed_at = now() WHERE closed_at IS NULL"
    ],
    "fulfilment_orders_are_counted": ["UPDATE fulfilment_order SET name = name || '1'"],
    "rejections_equal_work": ["UPDATE fulfilment_rejection SET quantity = quantity + 1"],
    "work_entries_belong_to_their_order": [
        "UPDATE work_entry SET event_id = (SELECT min(id) FROM event) WHERE target = 'moved'"
    ],
    "shipped_units_left_the_stock": ["UPDATE stock_entry SET amount = amount + 1 WHERE target = 'customer'"],
    "summaries_equal_rebuild": ["UPDATE order_summary SET status = 'shipped' WHERE status = 'on_hold'"],
    "receipts_tell_the_total": [
        """UPDATE event SET facts = facts || '{"total": "99.00"}' WHERE kind = 'order.placed'"""
    ],
    "line_entries_belong_to_their_order": [
        "UPDATE line_entry SET event_id = (SELECT max(id) FROM event) WHERE target = 'shipped'"
    ],
    "tender_entries_belong_to_their_order": ["UPDATE tender_entry SET event_id = (SELECT min(id) FROM event)"],
    "orders_begin_with_placed": ["UPDATE event SET kind = 'order.noted' WHERE kind = 'order.placed'"],
    "events_of_an_order_are_counted": ["DELETE FROM event WHERE kind = 'order.shipped'"],
    "holds_have_events": ["UPDATE order_hold SET lifted_at = now(), lifted_by = 'nobody'"],
    "feed_can_be_read": ["UPDATE event SET xact = xact + 1000000 WHERE id = (SELECT max(id) FROM event)"],
    "readers_stand_in_the_feed": ["UPDATE reader_position SET cursor = '1.99999999999.1'"],
    "order_numbers_have_no_gaps": ["UPDATE orders SET number = 'W-77' WHERE number = 'W-4'"],
    "wanted_events_have_deliveries": ["DELETE FROM webhook_delivery WHERE id = (SELECT min(id) FROM webhook_delivery)"],
    "delivered_means_answered": ["UPDATE webhook_attempt SET outcome = 'refused'"],
    "deliveries_tell_events": ["UPDATE webhook_delivery SET place_in_order = place_in_order + 1"],
    "first_in_line_has_its_turn": ["UPDATE webhook_delivery SET due_at = NULL WHERE state = 'waiting'"],
    "webhooks_tell_in_order": ["UPDATE webhook_attempt SET at = now() - interval '1 second' * delivery_id"],
    "remembered_answers_name_orders": ["""UPDATE remembered_answer SET answer = '{"event":-5}'"""],
}


@pytest.mark.django_db
def test_a_shop_that_was_changed_through_the_flows_is_clean() -> None:
    a_busy_shop()

    findings = audit()

    assert [(finding.check.name, finding.examples) for finding in findings if finding.wrong] == []
    assert [finding.check.name for finding in findings] == [check.name for check in CHECKS]


def test_every_check_has_a_name_of_its_own_and_something_that_spoils_it() -> None:
    names = [check.name for check in CHECKS]

    assert len(set(names)) == len(names)
    assert set(names) == set(SPOILERS)


@pytest.fixture(scope="module")
def busy_shop(django_db_setup: None, django_db_blocker: object) -> object:
    """One busy shop for all spoilers, in a transaction that is rolled back; each spoiler gets a savepoint."""
    with django_db_blocker.unblock(), transaction.atomic():  # type: ignore[attr-defined]
        a_busy_shop()
        yield
        transaction.set_rollback(True)


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
def test_what_is_spoiled_is_named(check: Check, busy_shop: None, django_db_blocker: object) -> None:
    with django_db_blocker.unblock(), transaction.atomic():  # type: ignore[attr-defined]
        sql.run("SET CONSTRAINTS ALL IMMEDIATE")
        touched = [sql.run(statement) for statement in SPOILERS[check.name]]
        (finding,) = audit([check])
        transaction.set_rollback(True)

    assert 0 not in touched
    assert finding.wrong >= 1
    assert finding.examples
    assert all(finding.examples[0])


@pytest.mark.django_db(transaction=True)
def test_an_audit_beside_the_shop_sees_what_is_committed_and_one_snapshot() -> None:
    a_busy_shop()
    clean = audit(connections=3)
    sql.run("UPDATE line_sheet SET shipped = shipped + 1 WHERE shipped > 0")

    spoiled = audit(connections=2)

    assert not connection.in_atomic_block
    assert not any(finding.wrong for finding in clean)
    assert {finding.check.name for finding in spoiled if finding.wrong} == {
        "lines_are_whole",
        "lines_sheets_equal_entries",
        "summaries_equal_rebuild",
        "units_follow_their_packages",
    }


@pytest.mark.django_db(transaction=True)
def test_the_command_names_what_is_wrong_and_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    a_busy_shop()
    url = connection.connection.info
    monkeypatch.setenv("DATABASE_URL", f"postgresql://{url.user}:{url.password}@{url.host}:{url.port}/{url.dbname}")

    clean = run_audit()
    spoiled = sql.run("UPDATE stock_sheet SET available = available + 1 WHERE available > 0")
    wrong, in_json = run_audit(), run_audit("--json")

    assert (clean.returncode, clean.stdout.splitlines()[-1].split(" (")[0]) == (0, f"Clean: {len(CHECKS)} checks")
    assert wrong.returncode == 1
    assert spoiled > 0
    assert f"stock_sheets_equal_entries: {spoiled} found" in wrong.stdout
    assert in_json.returncode == 1
    said = json.loads(in_json.stdout)
    assert said["clean"] is False
    assert [check["name"] for check in said["checks"] if check["wrong"]] == ["stock_sheets_equal_entries"]


def run_audit(*words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "orderwright", "audit", *words], capture_output=True, text=True, check=False
    )
