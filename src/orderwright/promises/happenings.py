"""What can happen to promises: every kind of event of this room."""

KINDS = {
    "promise.made": "It was promised when the lines of an order leave and arrive, or said that nobody can tell yet.",
    "promise.changed": "What was promised of an order's lines changed: the dates before, the dates now, and why.",
    "promise.kept": "The last line of an order arrived, and all came by the day that was promised first.",
    "promise.missed": "The last line of an order arrived, and something came later than was promised first.",
    "order.prioritized": "An order got another priority in the queues of what it waits for.",
    "order.reallocated": "Kept units of a SKU went from one order to another that waited for them.",
}
