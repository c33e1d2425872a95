"""Disabling: a gift card or a credit that cannot be spent, for a while or for ever; what is set aside stays so."""

from collections.abc import Collection

from django.db import connection

from orderwright.kernel import clock, events, sql
from orderwright.kernel.actors import Actor
from orderwright.kernel.errors import NotFound
from orderwright.kernel.events import Happening


def disable(accounts: Collection[int], *, actor: Actor) -> list[int]:
    """Nothing more is set aside from these; answers those from which that was possible until now."""
    return _switch(accounts, "credit.disabled", now_disabled=True, actor=actor)


def enable(accounts: Collection[int], *, actor: Actor) -> list[int]:
    """They can be spent again; answers those that could not until now."""
    return _switch(accounts, "credit.enabled", now_disabled=False, actor=actor)


def disable_of(customers: Collection[int], *, actor: Actor) -> list[int]:
    """The credit of customers who were forgotten: nobody is there who could spend it; what was spent stays told."""
    found = [id_ for (id_,) in sql.rows(OF_CUSTOMERS, [sql.ints(sorted(set(customers)))])]
    return disable(found, actor=actor) if found else []


def _switch(accounts: Collection[int], kind: str, *, now_disabled: bool, actor: Actor) -> list[int]:
    assert connection.in_atomic_block
    wanted = sorted(set(accounts))
    found = dict(sql.rows(LOCK, [sql.ints(wanted)]))
    for account in wanted:
        if account not in found:
            raise NotFound(thing="credit", name=account)
    changed = [account for account in wanted if found[account] is not now_disabled]
    sql.run(WRITE, [clock.now() if now_disabled else None, sql.ints(changed)])
    events.record([Happening(kind, actor, {"account": account}) for account in changed])
    return changed


LOCK = """
    SELECT id, disabled_at IS NOT NULL FROM credit_account WHERE id = ANY (%s::bigint[]) ORDER BY id FOR NO KEY UPDATE
"""

WRITE = "UPDATE credit_account SET disabled_at = %s::timestamptz WHERE id = ANY (%s::bigint[])"

OF_CUSTOMERS = "SELECT id FROM credit_account WHERE customer_id = ANY (%s::bigint[]) ORDER BY id"
