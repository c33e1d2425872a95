"""What a search, a view or a run is refused for."""

from django.utils.translation import gettext_lazy as _

from orderwright.kernel.errors import Refusal


class UnknownField(Refusal):
    code = "unknown_search_field"
    status = 422
    sentence = _("“{field}” is not a field to search by. There are: {fields}.")


class BadSearch(Refusal):
    code = "bad_search"
    status = 422
    sentence = _("“{value}” does not fit “{field}”: write {example}.")


class PricesNotSeen(Refusal):
    code = "search_needs_prices"
    status = 403
    sentence = _("Orders are searched by their amount only by those who may see prices.")


class PeopleNotSeen(Refusal):
    code = "search_needs_customers"
    status = 403
    sentence = _("Orders are searched by e-mail, phone or name only by those who may see customers.")


class NothingSelected(Refusal):
    code = "nothing_selected"
    status = 422
    sentence = _("No order is selected.")


class RunNotYours(Refusal):
    code = "run_not_yours"
    status = 403
    sentence = _("Only who began this run may fetch what it exported.")


class FileGone(Refusal):
    code = "export_expired"
    status = 410
    sentence = _("This export was removed after {days} days. Export the list again.")


class NothingPacked(Refusal):
    code = "nothing_packed"
    sentence = _("Nothing of this order is packed, so there is no packing slip yet.")


class TooManyToPrint(Refusal):
    code = "too_many_to_print"
    status = 422
    sentence = _("One document has the packing slips of {most} orders at most. Select fewer, and print again.")


class NothingPrinted(Refusal):
    code = "nothing_printed"
    status = 404
    sentence = _("There is no document: nothing was printed, or it is not ready yet.")
