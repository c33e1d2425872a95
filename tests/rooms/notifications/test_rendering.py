"""How letters read: in both languages, for people and for programs, whatever stands in the data or the templates."""

import json
import math
import os
import re
import time
from datetime import date
from pathlib import Path

import pytest
from letterbox import LATE, SOONER, TRACKING, WAITING, an_eventful_order, happen

from orderwright.customers.models import Customer
from orderwright.kernel import clock
from orderwright.notifications import resending
from orderwright.notifications.kinds import KINDS
from orderwright.notifications.sending import Ready
from orderwright.orders.models import Line
from orderwright.promises.models import Promise

pytestmark = pytest.mark.django_db(transaction=True)

OF_ORDERS = [
    kind.code for kind in KINDS.values() if not (kind.staff or kind.always) or kind.code == "authorization_expiring"
]
UNCERTAIN = {"payment_due", "backordered"}  # this order has no such events
LEFT_OVER = re.compile(r"\{\{|\{%|</?mj-|%\(")


def preview(kind: str, language: str = "en") -> Ready:
    return resending.preview(kind, "1", language=language)


def structured(html: str) -> dict[str, object]:
    return json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', html)[1])


def test_every_letter_is_whole_in_both_languages():
    order = an_eventful_order()
    subjects = set()
    for kind in OF_ORDERS:
        if kind == "backordered":
            happen(order, {"promise.changed": {"later": True, "lines": [WAITING]}})
        if kind == "sooner":
            happen(order, {"promise.changed": {"later": False, "lines": [SOONER]}})
        if kind == "payment_due":
            happen(order, {"order.placed": {"payment": "unpaid"}})
        for language in ("en", "de"):
            letter = preview(kind, language).composed
            keep(f"{kind}.{language}", letter.html, letter.text)

            subjects.add(letter.subject)
            assert not LEFT_OVER.search(letter.html + letter.text + letter.subject), kind
            assert f'lang="{language}"' in letter.html
            assert "1" in letter.subject
            assert "\n\n\n" not in letter.text
            assert "https://fonts" not in letter.html
            assert "Cup <large>" not in letter.html

    assert len(subjects) == 2 * len(OF_ORDERS)


def test_a_parcel_s_letter_names_its_own_units_and_number():
    an_eventful_order()

    letter = preview("shipped", "de").composed

    assert letter.subject == "Ihre Bestellung 1 ist unterwegs"
    assert "  2 × First Flush Darjeeling, 250 g (TEE)\n  2 × Cup <large> & saucer (CUP)\n" in letter.text
    assert "Sendungsnummer von Parcel Express: JD014600006281230001" in letter.text
    assert f'href="{TRACKING}"' in letter.html
    said = structured(letter.html)
    assert (said["@type"], said["trackingNumber"], said["trackingUrl"]) == (
        "ParcelDelivery", "JD014600006281230001", TRACKING
    )  # fmt: skip
    assert said["partOfOrder"]["orderNumber"] == "1"
    assert [one["sku"] for one in said["itemShipped"]] == ["TEE", "CUP"]
    assert "expectedArrivalUntil" not in said


def test_a_parcel_s_letter_tells_programs_the_day_that_was_promised_for_its_last_line():
    order = an_eventful_order()
    for line, day in zip(Line.objects.filter(order_id=order.id).order_by("position"), (30, 28), strict=True):
        on = date(2026, 11, day)
        Promise.objects.create(order_id=order.id, line=line, made_at=clock.now(), ship_on=on, deliver_on=on,
                               reason="in_stock", facts={"parts": [{}]})  # fmt: skip

    assert structured(preview("shipped").composed.html)["expectedArrivalUntil"] == "2026-11-30"


def test_a_confirmation_tells_lines_sums_and_what_waits():
    order = an_eventful_order()
    for line, told in zip(Line.objects.filter(order_id=order.id).order_by("position"), (LATE, WAITING), strict=True):
        day = told["deliver_on"]
        Promise.objects.create(order_id=order.id, line=line, made_at=clock.now(), ship_on=day, deliver_on=day,
                               reason=told["reason"], facts={"parts": [{}]})  # fmt: skip

    letter = preview("order_confirmed", "de").composed

    assert "Guten Tag Ada Löffler," in letter.text
    assert "2 × First Flush Darjeeling, 250 g (TEE): 25,00\xa0€\n    erwartet am Montag, 30. November" in letter.text
    assert (
        "4 × Cup <large> & saucer (CUP): 35,60\xa0€\n    noch nicht auf Lager: 2; erwartet am Montag, 14. Dezember"
        in (letter.text)
    )
    assert "Versand: 4,90\xa0€" in letter.text
    assert "VAT 19 % (enthalten): 10,46\xa0€" in letter.text
    assert "Summe: 65,50\xa0€" in letter.text
    assert "Torstraße 5" in letter.text
    assert "Deutschland" in letter.text
    said = structured(letter.html)
    assert (said["@type"], said["price"], said["priceCurrency"]) == ("Order", "65.50", "EUR")
    assert [one["itemOffered"]["sku"] for one in said["acceptedOffer"]] == ["TEE", "CUP"]


def test_a_delay_shows_both_dates_and_why():
    an_eventful_order()

    letter = preview("delayed").composed

    assert "First Flush Darjeeling, 250 g: Monday, November 30 (before: Wednesday, November 25)" in letter.text
    assert "It leaves us later than planned." in letter.text
    assert ">Wednesday, November 25</s>" in letter.html


@pytest.mark.parametrize(
    "name", ["</script><script>alert(1)</script>", "{{ shop.name }}{% debug %}", "Ada\r\nBcc: x@y.z"]
)
def test_what_people_write_is_never_code(name):
    an_eventful_order()
    Customer.objects.update(name=name)

    ready = preview("order_confirmed")

    assert "alert(1)</script>" not in ready.composed.html
    assert "{% debug %}" in ready.composed.text or "{%" not in name
    assert "\r" not in ready.composed.subject + ready.message.name
    assert "\n" not in ready.composed.subject + ready.message.name


def test_a_merchants_templates_come_first_and_broken_ones_are_shown(settings, tmp_path, browser_of_letters):
    an_eventful_order()
    (tmp_path / "shipped.txt").write_text("Subject: Off it goes, {{ order.number }}\n\nSee you.\n")
    (tmp_path / "delivered.txt").write_text("Subject: {% if %}\n")
    (tmp_path / "delivered.mjml").write_text("<mj-text>open")
    (tmp_path / "refunded.mjml").write_text('<mj-include path="../../settings.py" />')
    settings.LETTER_TEMPLATES = str(tmp_path)

    assert preview("shipped").composed.subject == "Off it goes, 1"
    assert preview("delivered").composed.subject == "Your parcel of order 1 has arrived"
    assert "DATABASES" not in preview("refunded").composed.html
    broken = browser_of_letters.get("/v1/letters/health").json()["broken_templates"]
    assert set(broken) == {"delivered.txt", "delivered.mjml", "refunded.mjml"}


def test_a_merchants_template_that_fails_while_rendering_holds_up_no_letter(settings, tmp_path):
    an_eventful_order()
    (tmp_path / "shipped.txt").write_text('Subject: x\n{% include "nothing.txt" %}\n')
    settings.LETTER_TEMPLATES = str(tmp_path)

    assert preview("shipped").composed.subject == "Your order 1 is on its way"


def test_letters_are_rendered_quickly():
    an_eventful_order()
    ready = preview("order_confirmed")
    fastest = math.inf
    for _ in range(10):  # others may use the machine as well
        begun = time.perf_counter()
        for _ in range(5):
            from_scratch = resending.prepare(ready.letter, "x@example.org", language="en")
        fastest = min(fastest, time.perf_counter() - begun)

    assert len(from_scratch.composed.html) == len(ready.composed.html)  # the link to unsubscribe bears the second
    assert 5 / fastest > 100, f"{5 / fastest:.0f} letters a second"


def keep(name: str, html: str, text: str) -> None:
    """Where somebody wants to look at them."""
    folder = os.environ.get("LETTERS_TO_LOOK_AT")
    if folder:
        (Path(folder) / f"{name}.html").write_text(html)
        (Path(folder) / f"{name}.txt").write_text(text)
