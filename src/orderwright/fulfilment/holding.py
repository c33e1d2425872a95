"""Holding: reasons not to go on with a fulfilment order yet.  There may be several; each has a handle of its own."""

from orderwright.fulfilment.refusals import BeingRecalled, WorkHeld
from orderwright.fulfilment.working import Work


def refuse_held(work: Work) -> None:
    """Raise `WorkHeld` where any hold stands."""
    if work.held:
        raise WorkHeld(fulfilment_order=work.name, reasons=", ".join(sorted(set(work.held))))


def refuse_recalled(work: Work) -> None:
    """Raise `BeingRecalled` while the location is asked to give some of it back."""
    if work.recall is not None:
        raise BeingRecalled(fulfilment_order=work.name)
