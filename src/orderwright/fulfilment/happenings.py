"""What can happen to fulfilment orders and to the terms of locations: every kind of event of this room."""

KINDS = {
    "fulfilment.accepted": "A location took on a fulfilment order that it was offered.",
    "fulfilment.rejected": "A location said no to units; they were sourced anew, with that location left out.",
    "fulfilment.moved": "Units were moved to another location, which is to do them instead.",
    "fulfilment.split": "Units were taken out of a fulfilment order into a new one at the same location.",
    "fulfilment.merged": "Fulfilment orders of one order at one location became one.",
    "fulfilment.held": "A hold was put on a fulfilment order: nothing of it is packed or leaves before all are lifted.",
    "fulfilment.hold_lifted": "A hold was lifted from a fulfilment order.",
    "fulfilment.recall_asked": "A location was asked to give units back, for they are to be canceled.",
    "fulfilment.recall_accepted": "A location gave units back; they are canceled.",
    "fulfilment.recall_refused": "A location does not give units back: they will leave.",
    "fulfilment.recall_missed": "The units that were called back had left already.",
    "order.release_scheduled": "An order is to be released at a chosen moment, and not before.",
    "order.release_unscheduled": "An order is not to be released at a chosen moment any more.",
    "order.release_postponed": "An order was due to be released and could not be; it is tried again.",
    "terms.set": "It was said on what terms a location works.",
}
