"""Reconciling: finding out what became of a question that was put before, and whose answer did not reach us."""

import logging

from orderwright.kernel.ports import NotInstalled
from orderwright.payments import providers
from orderwright.payments.asking import Due, put
from orderwright.payments.ports import Answer, Unknown

log = logging.getLogger(__name__)


def ask_or_look_up(due: Due) -> Answer:
    """Ask a question that was never put; look up one that was, and ask again only if it never arrived.

    Calls the outside world and no database, so it may run in any thread.
    """
    try:
        provider = providers.provider(due.provider)
    except NotInstalled:
        log.warning("There is no provider %s any more; the question %s waits.", due.provider, due.id)
        return Unknown()
    if due.tries:
        found = provider.look_up(key=due.id)
        if found is not None:
            return found
    return put(due, provider)
