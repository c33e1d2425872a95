"""What shipping refuses."""

from django.utils.translation import gettext_lazy as _

from orderwright.kernel.errors import Refusal


class NotAccepted(Refusal):
    code = "not_accepted"
    sentence = _("{fulfilment_order} was offered to its location, which has not accepted it.")


class NothingToPack(Refusal):
    code = "nothing_to_pack"
    sentence = _("{fulfilment_order} has no open units that could be packed.")


class NotThatManyOpen(Refusal):
    code = "not_that_many_open"
    sentence = _("{asked} of {sku} were asked for, and {there} are open in {fulfilment_order}.")


class NotPrepared(Refusal):
    code = "not_prepared"
    sentence = _("Shipment {shipment} does not wait to leave: it is {state}.")


class NotShipped(Refusal):
    code = "not_shipped"
    sentence = _("Package {package} has not left: its shipment is {state}.")


class LabelMade(Refusal):
    code = "label_made"
    sentence = _("Package {package} has a label or a number: {tracking_number}. Have it made void first.")


class NoLabel(Refusal):
    code = "no_label"
    sentence = _("Package {package} has no label.")


class LabelPending(Refusal):
    code = "label_pending"
    sentence = _("The carrier of package {package} is being asked, and has not answered.")


class NoCarrier(Refusal):
    code = "no_carrier"
    status = 422
    sentence = _("The labels of package {package} are made by hand: no carrier of this shop makes them.")


class NumberTaken(Refusal):
    code = "number_taken"
    sentence = _("{carrier} {tracking_number} is the number of another package already.")


class NothingToSendAgain(Refusal):
    code = "nothing_to_send_again"
    sentence = _("Order {number} has no package that was lost or came back.")


class CannotFollow(Refusal):
    code = "cannot_follow"
    sentence = _("Package {package} is {settled}: its units cannot be {asked}.")
