"""Finding orders, the newest first, at a cost that does not grow with the shop.

A word that few orders fit is looked up first, by an index of its own: the list is among those orders then.  One that
thousands fit is tried on each order while walking from the newest on, which soon finds a page full.  A walk looks at
no more than `LOOKS` orders: where they do not fill the page, it says where to look further.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from orderwright.kernel import clock, sql
from orderwright.kernel.money import decimals
from orderwright.lists import _branches, _leaving
from orderwright.lists._branches import Branch
from orderwright.lists.asking import AMOUNTS, Question

LOOKS = 10_000
COUNTED = 10_000
TRIED = 1_000
SAMPLED = 1_000  # of what is found, for countries and tags
MOST_OFFERED = 30
Key = tuple[datetime, int]


class Row(NamedTuple):
    """An order, as lists show it."""

    id: int
    number: str
    reference: str | None
    placed_at: datetime
    customer_id: int
    customer: str
    channel: str
    country: str
    currency: str
    total_minor: int
    status: str
    payment: str
    fulfilment: str
    units: int
    holds: int
    deliver_on: Any  # the latest date promised of a line that has not come; None: no date
    ship_on: Any
    tags: list[str]
    late: bool  # as `_leaving` says


class Found(NamedTuple):
    """A page of orders, and the keys behind which the next and the one before begin; None where there is none."""

    rows: list[Row]
    older: Key | None
    newer: Key | None
    looked_far: bool  # it is not full only because it looked at as many as it may


class Counts(NamedTuple):
    """How many fit, at most `COUNTED`; and of these, by the values of each facet.

    Countries and tags are those of the newest `SAMPLED` of them; 0: of others.
    """

    total: int
    more: bool
    facets: dict[str, dict[str, int]]


class Tally(NamedTuple):
    """How many fit; `more`: at least so many."""

    total: int
    more: bool


class Plan(NamedTuple):
    """A question, made ready: what is walked along, and what each order must fit."""

    lead: str  # a column of the summary with an index (column, placed_at, order_id); empty: all orders
    values: Sequence[Any]
    conditions: list[str]
    parameters: list[Any]
    bounds: list[str]  # on placed_at, which the walk begins and ends by
    bound_parameters: list[Any]
    more: bool = False  # more fit than were looked up


def search(asked: Question, *, after: Key | None = None, before: Key | None = None, limit: int) -> Found:
    """A page of the orders that fit; behind `after`, or just before `before`."""
    return _page(_plan(asked), after, before, limit)


def search_and_count(asked: Question, *, after: Key | None, before: Key | None, limit: int) -> tuple[Found, Counts]:
    """A page of the orders that fit, and how many they are; words are looked up once."""
    plan = _plan(asked)
    return _page(plan, after, before, limit), _counts(plan)


def _page(plan: Plan | None, after: Key | None, before: Key | None, limit: int) -> Found:
    if plan is None:
        return Found([], None, None, False)
    keys = _walk(plan, after=after, before=before, limit=limit + 1)
    more, keys = len(keys) > limit, keys[:limit]
    far = None if more or before is not None else _end_of_walk(plan, after)
    if before is not None:
        keys.reverse()
    rows = read_ids([id_ for _at, id_ in keys])
    first, last = (keys[0], keys[-1]) if keys else (None, None)
    if before is not None:
        return Found(rows, last, first if more else None, False)
    return Found(rows, last if more else far, first if after is not None else None, far is not None)


def ids_of(asked: Question, *, after: Key | None, limit: int) -> tuple[list[int], Key | None]:
    """The next orders that fit, and behind which the ones after them begin: for work on all of them."""
    plan = _plan(asked, whole=True)
    if plan is None:
        return [], None
    keys = _walk(plan, after=after, before=None, limit=limit)
    return [id_ for _at, id_ in keys], keys[-1] if len(keys) == limit else _end_of_walk(plan, after)


def _counts(plan: Plan | None) -> Counts:
    facets: dict[str, dict[str, int]] = {facet: {} for facet in COUNTED_BY}
    for facet, value in sql.rows(OFFERED):
        facets[facet][value] = 0
    if plan is None:
        return Counts(0, False, facets)
    looks = _looks(plan, COUNTED)
    statement, parameters = _statement(plan, None, None, looks + 1, looks + 1)
    total = 0
    for facet, value, quantity in sql.rows(COUNT.format(found=statement, worth=_worth()), parameters):
        if facet == "total":
            total = quantity
        else:
            facets[facet][value] = quantity
    more = plan.more or total > looks or _end_of_walk(plan, None, looks + 1) is not None
    return Counts(min(total, looks), more, facets)


def tally(asked: Question, most: int = COUNTED) -> Tally:
    """How many fit, of the newest `most` that are looked at."""
    plan = _plan(asked)
    if plan is None:
        return Tally(0, False)
    looks = _looks(plan, most)
    statement, parameters = _statement(plan, None, None, looks + 1, looks + 1)
    total = int(sql.value(f"SELECT count(*) FROM ({statement}) f", parameters))
    more = plan.more or total > looks or _end_of_walk(plan, None, looks + 1) is not None
    return Tally(min(total, looks), more)


def read_ids(orders: Sequence[int]) -> list[Row]:
    """These orders as lists show them, in their order; one statement."""
    if not orders:
        return []
    found = {row[0]: Row(*row) for row in sql.rows(ROWS, [clock.now(), sql.ints(orders)])}
    return [found[id_] for id_ in orders if id_ in found]


ROWS = f"""
    SELECT o.id, o.number, o.reference, s.placed_at, s.customer_id, coalesce(nullif(u.name, ''), u.email, ''), c.code,
           coalesce(a.country, ''), o.currency, s.total_minor, s.status, s.payment, s.fulfilment, s.units, s.holds,
           p.deliver_on, p.ship_on, array(SELECT t.tag FROM order_tag t WHERE t.order_id = o.id ORDER BY t.tag),
           {_leaving.due("missed")[1]}
      FROM orders o
      JOIN order_summary s ON s.order_id = o.id
      JOIN channel c ON c.id = o.channel_id
      JOIN customer u ON u.id = o.customer_id
      LEFT JOIN address a ON a.id = o.ship_to_id
      LEFT JOIN LATERAL (SELECT max(p.deliver_on) AS deliver_on, max(p.ship_on) AS ship_on FROM promise p
                          WHERE p.order_id = o.id AND p.superseded_at IS NULL AND p.came_on IS NULL) p ON true
     WHERE o.id = ANY (%s::bigint[])
"""

COUNT = """
    WITH found AS MATERIALIZED ({{found}}),
         sample AS MATERIALIZED (SELECT order_id FROM found ORDER BY placed_at DESC, order_id DESC LIMIT {sampled})
    SELECT 'total', '', count(*)::int FROM found
     UNION ALL SELECT 'status', status, count(*)::int FROM found GROUP BY status
     UNION ALL SELECT 'payment', payment, count(*)::int FROM found GROUP BY payment
     UNION ALL SELECT 'fulfilment', fulfilment, count(*)::int FROM found GROUP BY fulfilment
     UNION ALL SELECT 'channel', c.code, count(*)::int FROM found JOIN channel c ON c.id = found.channel_id GROUP BY 2
     UNION ALL SELECT 'amount', width_bucket(w.worth, ARRAY[{bounds}])::text, count(*)::int
                 FROM (SELECT {{worth}} AS worth FROM found s) w GROUP BY 2
     UNION ALL SELECT 'country', a.country, count(*)::int
                 FROM sample s JOIN orders o ON o.id = s.order_id JOIN address a ON a.id = o.ship_to_id GROUP BY 2
     UNION ALL SELECT 'tag', t.tag, count(*)::int FROM sample s JOIN order_tag t ON t.order_id = s.order_id GROUP BY 2
""".format(bounds=", ".join(str(bound * 100) for bound in AMOUNTS), sampled=SAMPLED)

# All channels; the countries of the newest orders; and tags, found one behind the other in their index.
OFFERED = f"""
    WITH RECURSIVE tags(tag, n) AS (
        SELECT min(tag), 1 FROM order_tag
         UNION ALL SELECT (SELECT min(t.tag) FROM order_tag t WHERE t.tag > tags.tag), n + 1
                     FROM tags WHERE tags.tag IS NOT NULL AND n < {MOST_OFFERED})
    SELECT 'channel', code FROM (SELECT code FROM channel ORDER BY code LIMIT {MOST_OFFERED}) c
     UNION ALL SELECT 'tag', tag FROM tags WHERE tag IS NOT NULL
     UNION ALL SELECT 'country', country
                 FROM (SELECT a.country, count(*)
                         FROM (SELECT order_id FROM order_summary ORDER BY placed_at DESC, order_id DESC
                                LIMIT {SAMPLED}) s
                         JOIN orders o ON o.id = s.order_id JOIN address a ON a.id = o.ship_to_id
                        GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT {MOST_OFFERED}) c
"""

COUNTED_BY = ("status", "payment", "fulfilment", "channel", "amount", "country", "tag")


def _plan(asked: Question, *, whole: bool = False) -> Plan | None:
    """What to walk along and to try; None where nothing can fit.  `whole`: no order may be left out."""
    plan = Plan("", (), [], [], [], [])
    among, more = _narrowed(asked, plan, whole)
    plan = plan._replace(more=more)
    if among is not None and not among:
        return None
    channels = _branches.channel_ids(asked.channel) if asked.channel else []
    if asked.channel and not channels:
        return None
    columns: dict[str, Sequence[Any]] = {
        "order_id": sorted(among) if among is not None else (),
        "customer_id": (asked.customer,) if asked.customer is not None else (),
        "status": asked.status,
        "payment": asked.payment,
        "fulfilment": asked.fulfilment,
        "channel_id": channels,
    }
    given = [(column, values) for column, values in columns.items() if values]
    for column, values in given[1:]:
        plan.conditions.append(f"s.{column} = ANY (%s::{_type(column)}[])")
        plan.parameters.append(_array(column, values))
    for bound, value in (("s.placed_at >=", asked.placed_from), ("s.placed_at <", asked.placed_before)):
        if value is not None:
            plan.bounds.append(f"{bound} %s::timestamptz")
            plan.bound_parameters.append(value)
    amounts = [(">=", asked.least_hundredths), ("<=", asked.most_hundredths)]
    worth = _worth() if any(amount is not None for _sign, amount in amounts) else ""
    for sign, amount in amounts:
        if amount is not None:
            plan.conditions.append(f"{worth} {sign} %s::bigint")
            plan.parameters.append(amount)
    return plan._replace(lead=given[0][0], values=given[0][1]) if given else plan


def _worth() -> str:
    """An order's total in hundredths of its channel's currency; of most currencies, these are its coins."""
    odd = [(id_, decimals(currency)) for id_, currency in sql.rows("SELECT id, currency FROM channel ORDER BY id")]
    cases = [f"WHEN {id_} THEN s.total_minor * 100 / {10**digits}" for id_, digits in odd if digits != 2]
    return f"CASE s.channel_id {' '.join(cases)} ELSE s.total_minor END" if cases else "s.total_minor"


def _narrowed(asked: Question, plan: Plan, whole: bool) -> tuple[set[int] | None, bool]:
    """Look the words up: the orders among which the list is, None for all; what thousands fit joins the conditions.

    And whether there are more than that.
    """
    among: set[int] | None = None
    more = False
    terms = [_branches.named(field, value) for field, value in asked.named]
    terms += [_branches.any_of("country", asked.country)] if asked.country else []
    terms += [_branches.any_of("tag", asked.tag)] if asked.tag else []
    terms += [_branches.leaving(asked.late, clock.now())] if asked.late else []
    terms += [_branches.packed()] if asked.packed else []
    terms += _branches.words(asked.words, people=asked.people)
    for branches in terms:
        few, many, rest = _look_up(branches, whole)
        more |= rest
        if not many:
            among = few if among is None else among & few
        else:
            plan.conditions.append(
                "(" + " OR ".join(["s.order_id = ANY (%s::bigint[])"] * bool(few) + [one.fits for one in many]) + ")"
            )
            plan.parameters.extend([sql.ints(sorted(few))] * bool(few) + [one.value for one in many])
    if asked.location:
        plan.conditions.append(_branches.AT_LOCATION)
        plan.parameters.append(sql.texts(asked.location))
    return among, more


def _look_up(branches: Sequence[Branch], whole: bool) -> tuple[set[int], list[Branch], bool]:
    """The orders of the branches that few fit, together; the branches that too many fit; and whether some were left."""
    few: set[int] = set()
    many: list[Branch] = []
    rest = False
    for branch in branches:
        most = branch.enough or _branches.FEW
        found = [id_ for (id_,) in sql.rows(f"{branch.finds} LIMIT {most + 1}", [branch.value])]
        if len(found) > most and (whole or not branch.enough):
            many.append(branch)
        else:
            few.update(found[:most])
            rest |= len(found) > most
    return few, many, rest


def _walk(plan: Plan, *, after: Key | None, before: Key | None, limit: int) -> list[Key]:
    """Keys of the orders that fit: the newest first; from `before` towards newer ones."""
    statement, parameters = _statement(plan, after, before, LOOKS, limit)
    return [(at, id_) for at, id_, *_rest in sql.rows(statement, parameters)]


def _looks(plan: Plan, most: int) -> int:
    """At how many orders a count looks: at fewer, where each must be tried."""
    return most if not any("EXISTS" in condition for condition in plan.conditions) else min(most, TRIED)


KEPT = "s.placed_at, s.order_id, s.status, s.payment, s.fulfilment, s.channel_id, s.total_minor"


def _statement(plan: Plan, after: Key | None, before: Key | None, looks: int, limit: int) -> tuple[str, list[Any]]:
    inner, parameters = _looked_at(plan, after, before, looks)
    direction = "DESC" if before is None else "ASC"
    order = f"ORDER BY s.placed_at {direction}, s.order_id {direction} LIMIT {limit}"
    where = f"WHERE {' AND '.join(plan.conditions)}" if plan.conditions else ""
    run = f"SELECT {KEPT} FROM ({inner}) s {where} {order}"
    parameters += plan.parameters
    if plan.lead and plan.lead != "order_id":
        run = f"SELECT {KEPT} FROM unnest(%s::{_type(plan.lead)}[]) AS w(value) CROSS JOIN LATERAL ({run}) s {order}"
        parameters = [_array(plan.lead, plan.values), *parameters]
    return run, parameters


def _looked_at(plan: Plan, after: Key | None, before: Key | None, looks: int) -> tuple[str, list[Any]]:
    """The part of an index that a walk may look at."""
    conditions, parameters = list(plan.bounds), list(plan.bound_parameters)
    if plan.lead == "order_id":
        conditions.insert(0, "s.order_id = ANY (%s::bigint[])")
        parameters.insert(0, sql.ints(plan.values))
    elif plan.lead:
        conditions.insert(0, f"s.{plan.lead} = w.value")
    for sign, key in (("<", after), (">", before)):
        if key is not None:
            conditions.append(f"(s.placed_at, s.order_id) {sign} (%s::timestamptz, %s::bigint)")
            parameters.extend(key)
    direction = "DESC" if before is None else "ASC"
    where = f"WHERE {' AND '.join(conditions)}" if conditions else ""
    return (
        f"SELECT s.* FROM order_summary s {where}"
        f" ORDER BY s.placed_at {direction}, s.order_id {direction} LIMIT {looks}",
        parameters,
    )


def _end_of_walk(plan: Plan, after: Key | None, looks: int | None = None) -> Key | None:
    """The last order that a walk looked at, where it stopped because it may not look further."""
    if not plan.conditions:
        return None
    looks = looks or LOOKS
    inner, parameters = _looked_at(plan, after, None, looks)
    last = f"SELECT s.placed_at, s.order_id FROM ({inner}) s OFFSET {looks - 1}"
    if plan.lead and plan.lead != "order_id":
        last = f"SELECT s.* FROM unnest(%s::{_type(plan.lead)}[]) AS w(value) CROSS JOIN LATERAL ({last}) s"
        parameters = [_array(plan.lead, plan.values), *parameters]
    ends = sql.rows(last, parameters)
    return max(((at, id_) for at, id_ in ends), default=None)


def _type(column: str) -> str:
    return "bigint" if column.endswith("_id") else "text"


def _array(column: str, values: Sequence[Any]) -> str:
    return sql.ints(values) if _type(column) == "bigint" else sql.texts(values)
