"""Placing orders: the whole story in one place, one transaction.

Locks, in the order that holds everywhere: stock sheets (by SKU and location), then customers, and the number series
last.  All else that is written is new.  Idempotency keys are written at the end, for under the series' lock nobody
else can be at that point; where another transaction was first all the same, this one is rolled back and run again.
"""

from collections.abc import Sequence
from typing import NamedTuple

import msgspec
import psycopg
from django.db import IntegrityError, transaction

from orderwright.catalog import selling
from orderwright.customers.keeping import Known, known_customers, still_known
from orderwright.flows._deciding import Decision, Shop, decide
from orderwright.flows._writing import write_down
from orderwright.fulfilment.sourcing.places import places
from orderwright.fulfilment.sourcing.sorters import Place
from orderwright.inventory.availability import safeties_of
from orderwright.inventory.reserving import shelves_locked
from orderwright.kernel import clock, idempotency, sql
from orderwright.kernel.actors import Actor
from orderwright.kernel.errors import Refusal
from orderwright.orders.drafting import Draft
from orderwright.orders.refusals import AsBefore, DuplicateReference
from orderwright.orders.waiting import lock_waiting
from orderwright.orders.writing import numbers_by_reference
from orderwright.shipping.options import active_options

TRIES = 4


class Request(NamedTuple):
    """A draft, who hands it in, and the idempotency key it came with.

    The drafts of a batch have the fingerprint of the whole batch, and its key with a number each: "k-1 #0".
    """

    draft: Draft
    actor: Actor
    client_id: int = 0
    key: str | None = None
    fingerprint: bytes = b""
    sold_elsewhere: bool = False  # it is an order already: what is short waits, whatever the policy of the SKU


class Placed(NamedTuple):
    order_id: int
    number: str
    receipt: bytes  # JSON of an `orders.receipt.Receipt`
    again: bool = False  # the answer to an earlier request with the same key


class Refused(NamedTuple):
    refusal: Refusal
    again: bool = False


Outcome = Placed | Refused


def place_orders(requests: Sequence[Request]) -> list[Outcome]:
    """Write the orders down, keep stock for them, backorder or refuse what is short.

    Each draft is accepted or refused by itself: one that is short of stock does not spoil its neighbours.  The number
    of statements does not depend on the number of drafts.  Where this answers, all of it is committed.
    """
    for _again in range(TRIES - 1):
        try:
            return _place(requests)
        except IntegrityError as error:
            if not _was_overtaken(error):
                raise
    return _place(requests)


@transaction.atomic
def _place(requests: Sequence[Request]) -> list[Outcome]:
    asked = _look_around(requests)
    outcomes = _again(requests, asked.answers)
    outcomes |= _reused(requests, outcomes)
    followers = _followers(requests, outcomes)
    fresh = [index for index in range(len(requests)) if index not in outcomes and index not in followers]
    shop, customers = _open_shop([requests[index].draft for index in fresh], asked)
    decisions, doubles = _decide(requests, fresh, asked, shop, outcomes)
    written = write_down(
        [(requests[index].actor, decision) for index, decision in decisions.items()],
        {place.id: place.code for place in asked.places},
        customers,
    )
    for index, order in zip(decisions, written, strict=True):
        outcomes[index] = Placed(order.id, order.number, order.receipt)
    for index, first in doubles.items():
        number = written[list(decisions).index(first)].number
        outcomes[index] = Refused(DuplicateReference(reference=requests[index].draft.reference, number=number))
    _remember(requests, fresh, outcomes, dict(zip(decisions, (order.event_id for order in written), strict=True)))
    for index, first in followers.items():
        outcomes[index] = _follow(requests[index], requests[first], outcomes[first])
    return [outcomes[index] for index in range(len(requests))]


class _Asked(NamedTuple):
    """What is known before anything is locked."""

    answers: dict[tuple[int, str], idempotency.Answer]
    numbers: dict[tuple[str, str], str]  # of orders that are here already, by channel and its own reference
    channels: dict[str, selling.SellingChannel]
    skus: dict[str, selling.ForSale]
    places: list[Place]
    customers: Known


def _look_around(requests: Sequence[Request]) -> _Asked:
    """Read what the requests are about, in one round trip."""
    drafts = [request.draft for request in requests]
    _nothing, *known = sql.ask_all(
        [
            sql.BY_INDEX,
            idempotency.look_up({(r.client_id, r.key) for r in requests if r.key is not None}),
            numbers_by_reference({(draft.channel, draft.reference) for draft in drafts if draft.reference}),
            selling.channels({draft.channel for draft in drafts}),
            selling.for_sale({line.sku for draft in drafts for line in draft.lines}),
            places(),
            known_customers([(draft.channel, draft.customer) for draft in drafts]),
        ]
    )
    return _Asked(*known)


def _decide(
    requests: Sequence[Request], fresh: Sequence[int], asked: _Asked, shop: Shop, outcomes: dict[int, Outcome]
) -> tuple[dict[int, Decision], dict[int, int]]:
    """Decide on each draft; the refused ones get their outcome here.

    Also answers which drafts bear the same channel's reference as another draft of this batch that was taken.
    """
    decisions: dict[int, Decision] = {}
    doubles: dict[int, int] = {}
    here: dict[tuple[str, str], int] = {}
    for index in fresh:
        draft = requests[index].draft
        reference = (draft.channel, draft.reference or "")
        if draft.reference and reference in asked.numbers:
            outcomes[index] = Refused(DuplicateReference(reference=draft.reference, number=asked.numbers[reference]))
        elif draft.reference and reference in here:
            doubles[index] = here[reference]
        else:
            try:
                decisions[index] = decide(draft, shop, sold_elsewhere=requests[index].sold_elsewhere)
                here[reference] = index
            except Refusal as refusal:
                outcomes[index] = Refused(refusal)
    return decisions, doubles


def _open_shop(drafts: Sequence[Draft], asked: _Asked) -> tuple[Shop, Known]:
    """Lock the shelves of everything that the drafts may take, and keep the customers from being forgotten."""
    skus = {line.sku for draft in drafts for line in draft.lines}
    wanted = [sku for code, sku in asked.skus.items() if code in skus]
    leaves = {part.sku_id for sku in wanted for part in sku.parts} | {sku.id for sku in wanted if not sku.parts}
    shelves, safeties, customers = sql.ask_all(
        [shelves_locked(leaves), safeties_of(leaves), still_known(asked.customers)]
    )
    limited = {sku.id for sku in wanted if sku.may_wait and sku.backorder_limit is not None}
    limited |= {
        part.sku_id for sku in wanted for part in sku.parts if part.may_wait and part.backorder_limit is not None
    }
    wait = any(draft.when_short == "backorder" for draft in drafts)
    shop = Shop(
        channels=asked.channels,
        skus=asked.skus,
        places=asked.places,
        safeties=safeties,
        shelves=shelves,
        waiting=lock_waiting(limited) if wait and limited else {},
        now=clock.now(),
        options=_options(drafts),
    )
    return shop, customers


def _options(drafts: Sequence[Draft]) -> dict[str, frozenset[str]]:
    """The delivery options that are offered; nobody is asked where no draft names one."""
    if not any(draft.delivery_option for draft in drafts):
        return {}
    return {option.code: option.countries for option in active_options()}


def _followers(requests: Sequence[Request], outcomes: dict[int, Outcome]) -> dict[int, int]:
    """Requests whose key came with an earlier request of this very batch: they get that one's answer."""
    first: dict[tuple[int, str], int] = {}
    followers = {}
    for index, request in enumerate(requests):
        if request.key is None or index in outcomes:
            continue
        earlier = first.setdefault((request.client_id, request.key), index)
        if earlier != index:
            followers[index] = earlier
    return followers


def _follow(request: Request, first: Request, outcome: Outcome) -> Outcome:
    if request.fingerprint != first.fingerprint:
        return Refused(idempotency.KeyReused(key=request.key))
    return outcome._replace(again=True)


def _again(requests: Sequence[Request], known: dict[tuple[int, str], idempotency.Answer]) -> dict[int, Outcome]:
    """What was answered before, under the same key."""
    outcomes: dict[int, Outcome] = {}
    events: dict[int, int] = {}
    for index, request in enumerate(requests):
        answer = known.get((request.client_id, request.key or ""))
        if request.key is None or answer is None:
            continue
        try:
            body = msgspec.json.decode(idempotency.same(answer, request.fingerprint).body or "{}")
        except Refusal as refusal:
            outcomes[index] = Refused(refusal)
            continue
        if "event" in body:
            events[index] = body["event"]
        else:
            outcomes[index] = Refused(AsBefore(**body), again=True)
    if events:
        receipts = {row[0]: row[1:] for row in sql.rows(RECEIPTS, [sql.ints(events.values())])}
        for index, event_id in events.items():
            order_id, number, facts = receipts[event_id]
            outcomes[index] = Placed(order_id, number, facts.encode(), again=True)
    return outcomes


def _reused(requests: Sequence[Request], outcomes: dict[int, Outcome]) -> dict[int, Outcome]:
    """A batch of which one key was used before with another request is refused as a whole."""

    def batch(request: Request) -> tuple[int, str, bytes]:
        return request.client_id, (request.key or "").partition(" #")[0], request.fingerprint

    reused = {
        batch(requests[index])
        for index, outcome in outcomes.items()
        if isinstance(outcome, Refused) and isinstance(outcome.refusal, idempotency.KeyReused)
    }
    return {
        index: Refused(idempotency.KeyReused(key=request.key))
        for index, request in enumerate(requests)
        if reused and request.key is not None and index not in outcomes and batch(request) in reused
    }


def _remember(
    requests: Sequence[Request], fresh: Sequence[int], outcomes: dict[int, Outcome], events: dict[int, int]
) -> None:
    """Keep the answers under their keys: of an order the event that has its receipt, of a refusal its words.

    A request that can never be right (422) is not remembered, for it did not get as far as the shop.
    """
    answers = []
    for index in fresh:
        client_id, key, request = requests[index].client_id, requests[index].key, requests[index].fingerprint
        outcome = outcomes[index]
        if key is None or (isinstance(outcome, Refused) and outcome.refusal.status != 409):
            continue
        if isinstance(outcome, Placed):
            answers.append(idempotency.Answer(client_id, key, request, 201, f'{{"event":{events[index]}}}'))
        else:
            refusal = outcome.refusal
            told = {"code": refusal.code, "status": refusal.status, "sentence": str(refusal), "facts": refusal.facts}
            answers.append(idempotency.Answer(client_id, key, request, 409, msgspec.json.encode(told).decode()))
    if answers:
        idempotency.remember(answers)


def _was_overtaken(error: IntegrityError) -> bool:
    """Did another transaction write the same key or reference first?  Then it is there for the next try to see."""
    cause = error.__cause__
    return isinstance(cause, psycopg.errors.UniqueViolation) and cause.diag.constraint_name in OVERTAKEN


OVERTAKEN = ("remembered_answer_pkey", "orders_channel_reference")

RECEIPTS = """
    SELECT e.id, o.id, o.number, e.facts::text
      FROM event e JOIN orders o ON o.id = e.order_id WHERE e.id = ANY (%s::bigint[])
"""
