"""docs/fulfilment.md: what it shows can be asked for, and it names every reason, strategy and answer."""

import json
import re
from pathlib import Path

import pytest
from builders import CLERK, a_location, a_shelf, an_order

from orderwright.api.fulfilment_orders import RejectIn
from orderwright.api.terms import TermsIn
from orderwright.flows.reject_fulfilment import Reject, reject_fulfilment
from orderwright.flows.release_orders import Release, release_orders
from orderwright.fulfilment import rejecting
from orderwright.fulfilment.models import State
from orderwright.fulfilment.reasons import TRUE_BUCKET, Reason
from orderwright.fulfilment.recalling import ANSWERS
from orderwright.fulfilment.sourcing.sorters import SORTERS
from orderwright.orders.models import Line

PAGE = (Path(__file__).parents[2] / "docs" / "fulfilment.md").read_text(encoding="utf-8")


def test_what_is_shown_can_be_asked_for() -> None:
    rejection, terms = (json.loads(block) for block in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL))

    assert RejectIn(**rejection).reason == "short"
    assert TermsIn(**terms).orders_per_day == 400


def test_every_reason_is_named_with_what_follows() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| (\w+) \|", PAGE, re.MULTILINE))

    assert rows == {reason: TRUE_BUCKET.get(reason, "available") for reason in Reason}
    for reason in Reason:
        (row,) = re.findall(rf"^\| `{reason}` .*$", PAGE, re.MULTILINE)
        assert row.endswith("until more comes in there |") == (reason in TRUE_BUCKET)


def test_every_strategy_state_and_answer_is_named() -> None:
    assert [name for name in SORTERS if f"`{name}`" not in PAGE] == []
    assert [state for state in State.values if state not in PAGE] == []
    assert [answer for answer in (*ANSWERS, "too_late") if f"| `{answer}` |" not in PAGE] == []


@pytest.mark.django_db
def test_a_rejection_as_it_is_shown_is_done() -> None:
    a_location("BERLIN")
    a_shelf("BERLIN", "TEE", 5)
    order = an_order().with_line("TEE", 3).placed()
    release_orders([Release(order.id)], actor=CLERK)

    (answer,) = reject_fulfilment([Reject(f"{order.number}-F1", "closed")], actor=CLERK)

    line = Line.objects.get(order_id=order.id).pk
    assert (answer.units, list(rejecting.left_out([line])[line].values())) == (3, ["closed"])
