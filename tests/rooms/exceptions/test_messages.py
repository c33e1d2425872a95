"""Messages that do not get through, and books that disagree, appear in time, are repaired, and clear."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from builders import CLERK, a_channel, a_shelf, an_order
from exceptional import START, at, begins, put_right, stand, subjects
from shelves import wait_for_the_log

import orderwright
from orderwright.channels.models import Import, Inbound
from orderwright.exceptions._books import READERS
from orderwright.exceptions.looking import BY_NAME, audit_on
from orderwright.exceptions.models import Look
from orderwright.exceptions.queries import cause
from orderwright.kernel import clock, sql
from orderwright.kernel.models import Event
from orderwright.notifications.models import Letter
from orderwright.webhooks.models import Delivery, Endpoint
from orderwright.webhooks.pausing import pause_webhook

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def webhook():
    return Endpoint.objects.create(url="https://example.org/hook", kinds=["*"], created_at=START)


class TestWebhooks:
    def test_one_that_takes_nothing_for_hours_is_paused(self, webhook):
        Endpoint.objects.update(failing_since=START, failures=3, last_problem="no answer within 10 s")

        one = begins("webhook_failing", START)

        assert one.subject == str(webhook.pk)
        assert cause(one) == f"Webhook {webhook.pk} has taken nothing for hours: no answer within 10 s"
        with at(7):
            repaired = put_right(one)
            assert (repaired.outcome, repaired.cleared) == ({"state": "paused"}, True)
            assert subjects("webhook_paused") == []  # somebody did it, and knows

    def test_one_that_was_paused_by_itself_is_resumed(self, webhook):
        Endpoint.objects.update(state="paused", paused_at=START, paused_by="failures", last_problem="410 Gone")

        one = begins("webhook_paused", START)

        assert cause(one) == f"Webhook {webhook.pk} was paused by itself (failures): 410 Gone"
        with at(1):
            repaired = put_right(one)
        assert (repaired.outcome, repaired.cleared) == ({"state": "active"}, True)
        assert Endpoint.objects.get().state == "active"

    def test_what_was_given_up_is_told_again(self, webhook):
        with at():
            a_shelf("BERLIN", "TEE", 1)
            event = Event.objects.latest("id")
        Delivery.objects.create(
            endpoint=webhook, event_id=event.id, kind=event.kind, state="failed", settled_at=START + timedelta(hours=9)
        )

        one = begins("delivery_failed", START + timedelta(hours=9))

        assert cause(one) == f"1 events were given up that webhook {webhook.pk} did not take."
        with at(10):
            repaired = put_right(one)
        assert (repaired.outcome, repaired.cleared) == ({"resent": 1}, True)
        assert Delivery.objects.get().state == "waiting"

    def test_one_that_somebody_paused_is_no_exception(self, webhook):
        pause_webhook(webhook.pk, actor=CLERK)

        with clock.at(clock.now() + timedelta(days=30)):
            assert subjects("webhook_paused") == []


class TestLetterRefused:
    @pytest.fixture
    def letter(self):
        with at():
            a_shelf("BERLIN", "TEE", 5)
            order = an_order().with_line("TEE", 2).placed()
        event = Event.objects.get(kind="order.placed")
        return Letter.objects.create(
            event_id=event.id,
            kind="order_confirmed",
            channel="email",
            order_id=order.id,
            state="refused",
            reason="no such mailbox",
            written_at=START,
            due_at=START,
            settled_at=START + timedelta(hours=3),
        )

    def test_it_appears_is_sent_again_and_clears(self, letter):
        one = begins("letter_refused", START + timedelta(hours=3))

        assert (one.subject, one.order) == (str(letter.pk), "1")
        assert cause(one) == f"Letter {letter.pk} (order_confirmed, email) could not be sent: no such mailbox."
        with at(4):
            repaired = put_right(one)
        assert repaired.cleared
        assert Letter.objects.get(pk=repaired.outcome["letter"]).state == "waiting"

    def test_after_a_month_nobody_needs_it(self, letter):
        with at(4):
            assert len(subjects("letter_refused")) == 1

        with at(24 * 31):
            assert subjects("letter_refused") == []


class TestImportRefused:
    @pytest.fixture
    def run(self):
        run = Import.objects.create(
            channel=a_channel("paper"), format="csv", source="may.csv", fingerprint="f", started_at=START
        )
        for line, (reference, reason) in enumerate([("A1", "unknown_sku"), ("A1", "unknown_sku"), ("A2", "no_goods")]):
            Inbound.objects.create(
                run=run, outcome="refused", reference=reference, line_number=line, reason=reason, raw={}
            )
        Inbound.objects.create(run=run, outcome="waiting_for_returns", reference="A3", line_number=9, raw={})
        return run

    def test_each_reason_appears_and_is_passed_over(self, run):
        with at():
            first, second = stand("import_refused")

        assert (first.subject, second.subject) == (f"{run.pk} no_goods", f"{run.pk} unknown_sku")
        assert cause(second) == "2 lines of 1 documents in may.csv (paper) were refused: unknown_sku. First: A1."
        with at(1):
            repaired = put_right(second)
            assert (repaired.outcome, repaired.cleared) == ({"passed_over": 2}, True)
            assert subjects("import_refused") == [first.subject]

    def test_it_clears_when_the_lines_are_taken_after_all(self, run):
        with at():
            assert len(stand("import_refused")) == 2
            Inbound.objects.filter(reference="A2").delete()

            assert subjects("import_refused") == [f"{run.pk} unknown_sku"]


class TestBooks:
    @pytest.fixture
    def wrong(self):
        with at():
            a_shelf("BERLIN", "TEE", 5)
            order = an_order().with_line("TEE", 2).placed()
        sql.run("UPDATE order_summary SET status = 'shipped'")
        return order

    def test_what_the_audit_finds_stands_until_it_is_right(self, wrong):
        with at(1):
            assert audit_on(for_seconds=60) == len(BY_NAME)

        one = begins("books_disagree", START + timedelta(hours=1))

        assert one.subject == "summaries_equal_rebuild"
        assert cause(one) == "The audit finds 1 times that this is not so: summaries_equal_rebuild."
        assert one.facts["examples"][0]["order"] == wrong.number
        with at(2):
            repaired = put_right(one)
        assert (repaired.outcome, repaired.cleared) == ({"put_right": 1, "wrong": 0}, True)
        assert wrong.status == "ready"

    def test_the_audit_goes_round_a_few_checks_at_a_time(self):
        with at():
            assert audit_on(for_seconds=0) == 1
        with at(1):
            assert audit_on(for_seconds=0) == 1

        assert Look.objects.count() == 2
        assert set(Look.objects.values_list("check_name", flat=True)) <= set(BY_NAME)


class TestReaderStalled:
    def test_it_appears_an_hour_after_what_it_did_not_read_and_reads_on(self):
        sql.run("DELETE FROM reader_position")
        a_shelf("BERLIN", "TEE", 5)
        wait_for_the_log()
        sql.run("INSERT INTO reader_position (reader) VALUES ('exceptions')")
        recorded = Event.objects.earliest("epoch", "xact", "id").recorded_at

        one = begins("reader_stalled", recorded)

        assert one.subject == "exceptions"
        assert cause(one) == (
            "The reader exceptions of the log has not moved on for an hour, and there is something to read."
        )
        with clock.at(recorded + timedelta(hours=1)):
            repaired = put_right(one)
        assert (repaired.outcome, repaired.cleared) == ({"reader": "exceptions"}, True)


def test_every_reader_of_the_log_can_be_told_to_read_on():
    """Readers name themselves where they are; a new one has its row in the table here."""
    sources = Path(orderwright.__file__).parent.rglob("*.py")
    named = {
        name for path in sources for name in re.findall(r'^READER = "(\w+)"', path.read_text("utf-8"), re.MULTILINE)
    }

    assert named == set(READERS)
