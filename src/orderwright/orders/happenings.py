"""What can happen to an order: every kind of event of this room."""

KINDS = {
    "order.placed": "An order was written down, and stock kept for it or waited for.",
    "order.held": "A hold was put on an order: it is not released before all its holds are lifted.",
    "order.hold_lifted": "A hold was lifted.",
    "order.claim_asked": "An account asked for an order of another e-mail address, which is asked by a letter.",
    "order.claimed": "An order went to the account that asked for it: its own e-mail address agreed.",
    "order.readdressed": "An order goes to another address; the facts are ids of addresses.",
    "order.noted": "Someone wrote a note; the fact names the note, not its words.",
    "order.edited": "Lines, discounts, the way of delivery or the address of an order were changed, as one change.",
    "order.tagged": "Tags were put on an order.",
    "order.untagged": "Tags were taken off an order.",
    "order.canceled": "All of an order was canceled, or all that was left of it.",
    "order.partly_canceled": "Some units of an order were canceled.",
    "order.backorder_filled": "Units that were waited for came in, and are kept for the order now.",
    "order.released": "Units were handed to the warehouse to be packed.",
    "order.taken_back": "Released units were taken back from the warehouse; they stay reserved.",
    "order.shipped": "Units left a location.",
    "order.delivered": "Shipped units reached the customer.",
}
