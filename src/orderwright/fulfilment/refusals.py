"""Why a fulfilment order cannot be worked on as somebody wants."""

from django.utils.translation import gettext_lazy as _

from orderwright.kernel.errors import Refusal


class WorkClosed(Refusal):
    code = "work_closed"
    sentence = _("{fulfilment_order} is closed: nothing of it is left to do.")


class NotOffered(Refusal):
    code = "not_offered"
    sentence = _("{fulfilment_order} does not wait to be accepted: it is {state}.")


class NothingOpen(Refusal):
    code = "nothing_open"
    sentence = _("{fulfilment_order} has no open units. What is packed has to be unpacked first.")


class BeingRecalled(Refusal):
    code = "being_recalled"
    sentence = _("{fulfilment_order} is being called back: answer the recall first.")


class WorkHeld(Refusal):
    code = "work_held"
    sentence = _("{fulfilment_order} is on hold: {reasons}.")


class NothingStays(Refusal):
    code = "nothing_stays"
    sentence = _("All of {fulfilment_order} would go into the new fulfilment order. Name fewer units.")


class NotAlike(Refusal):
    code = "not_alike"
    sentence = _("{one} and {other} cannot become one: they are not of the same order, location and state.")


class AlreadyThere(Refusal):
    code = "already_at_location"
    sentence = _("{fulfilment_order} is at {location} already.")


class NotThere(Refusal):
    """`short` lists each SKU with the units asked for and those that are there."""

    code = "not_at_location"
    sentence = _("{location} does not have all of it: {skus} are short there.")


class HandleTaken(Refusal):
    code = "handle_taken"
    sentence = _("{fulfilment_order} has a hold {handle} already.")


class NoSuchWorkHold(Refusal):
    code = "no_such_work_hold"
    sentence = _("{fulfilment_order} has no such hold.")


class NotRecalled(Refusal):
    code = "not_recalled"
    sentence = _("{fulfilment_order} is not being called back: there is nothing to answer.")
