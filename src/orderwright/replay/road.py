"""The road of a play: what the carrier says of parcels is heard, and what was lost or came back is made good."""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial

from orderwright.flows.give_up_packages import GiveUp, give_up_packages
from orderwright.flows.hear_scans import hear_scans
from orderwright.flows.send_again import SendAgain, send_again
from orderwright.flows.track_packages import track_packages
from orderwright.kernel import sql
from orderwright.kernel.errors import Refusal
from orderwright.kernel.locks import again_on_conflict
from orderwright.replay.outside import Message
from orderwright.replay.scene import ACTOR, CARRIER
from orderwright.shipping import carriers

HEARD_AT_ONCE = 400  # scans in a transaction
DECIDED_AFTER = timedelta(days=2)
SENT_AGAIN = {"lost": 0.85, "returned": 0.8}  # shares; what else was lost is given up, what else came back waits


def hear(messages: Sequence[Message]) -> None:
    """Hear a carrier's messages, each checked as the API does, and ask about parcels whose turn it is."""
    read = carriers.carrier(CARRIER).read_webhook
    told = [scan for message in messages for scan in read(message.headers, message.body)]
    for start in range(0, len(told), HEARD_AT_ONCE):
        again_on_conflict(partial(hear_scans, CARRIER, told[start : start + HEARD_AT_ONCE]))
    track_packages(for_seconds=3600)


def make_good(now: datetime, dice: random.Random) -> list[int]:
    """Send lost and returned parcels again, or give them up; answers the orders that may have units to release."""
    until = now - DECIDED_AFTER
    again, up = [], []
    for order_id, package, settled in sql.rows(UNDECIDED, [until, until - timedelta(days=1)]):
        if dice.random() < SENT_AGAIN[settled]:
            again.append(SendAgain(order_id, [package]))
        elif settled == "lost":
            up.append(GiveUp(order_id, [package]))
    for answers in (
        again_on_conflict(partial(send_again, again, actor=ACTOR)) if again else [],
        again_on_conflict(partial(give_up_packages, up, actor=ACTOR)) if up else [],
    ):
        for answer in answers:
            if isinstance(answer, Refusal):
                raise answer
    return [one.order_id for one in again]


# Each is looked at on one day: what nobody decided on then stands, and is an exception.
UNDECIDED = """
    SELECT s.order_id, p.name, p.settled
      FROM package p
      JOIN shipment s ON s.id = p.shipment_id
     WHERE p.settled IN ('lost', 'returned') AND p.stage_at <= %s::timestamptz AND p.stage_at > %s::timestamptz
     ORDER BY p.id
"""
