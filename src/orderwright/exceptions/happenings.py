"""The events of exceptions.  None belongs to an order's own log; a fact names the order that it is about."""

KINDS = {
    "exception.appeared": "Something is not as it should be, and has been so for too long; `exception` is its id.",
    "exception.cleared": "It is as it should be again.",
}
