"""Holding: reasons not to go on with a fulfilment order yet.  There may be several; each has a handle of its own."""

from django.utils.translation import gettext_lazy as _

from orderwright.fulfilment.working import Work
from orderwright.kernel.errors import Refusal


class WorkHeld(Refusal):
    code = "work_held"
    sentence = _("{fulfilment_order} is on hold: {reasons}.")


def refuse_held(work: Work) -> None:
    """Raise `WorkHeld` where any hold stands."""
    if work.held:
        raise WorkHeld(fulfilment_order=work.name, reasons=", ".join(sorted(set(work.held))))
