"""What can happen to stock and to the places that hold it: every kind of event of this room."""

KINDS = {
    "stock.received": "Units came in from outside.",
    "stock.adjusted": "Units were found, lost, damaged, mended or written off, for a reason of the list.",
    "stock.set": "A level was set to a figure; the difference to what was there moved.",
    "stock.sent": "Units left a location for another one.",
    "stock.arrived": "Units of a transfer came in; what was missing is lost.",
    "stock.expected": "Units are expected on a date.",
    "stock.expectation_closed": "No more of the expected units will come.",
    "stock.expectation_moved": "Expected units will come on another day.",
    "stock.count_started": "A count was begun; what the book said was noted.",
    "stock.counted": "Counted figures were compared with the book, and the differences moved.",
    "stock.count_closed": "A count was ended without counting what was left of it.",
    "stock.safety_set": "How many units are kept back was changed.",
    "stock.low": "What is available fell to the SKU's low mark, or below it.",
    "stock.out": "Nothing is available any more.",
    "stock.recovered": "More is available again than when it was told to be low or out.",
    "location.created": "A location was created.",
    "location.edited": "Something about a location was changed.",
}
