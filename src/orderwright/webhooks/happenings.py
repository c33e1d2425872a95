"""The kinds of events that webhooks record about themselves.  None belongs to an order, and none names an address."""

KINDS = {
    "webhook.created": "Another system is told of events from now on.",
    "webhook.edited": "What an endpoint is told, or where, was changed.",
    "webhook.deleted": "An endpoint is told nothing any more.",
    "webhook.secret_rotated": "An endpoint got a new secret; the old one signs along until it expires.",
    "webhook.paused": "An endpoint is told nothing for now: by hand, since it failed for days, or since it is gone.",
    "webhook.resumed": "A paused endpoint is told what waited, in order, and all that follows.",
    "webhook.replayed": "A span of the feed, or one delivery, is told an endpoint once more.",
    "webhook.pinged": "Somebody tries out an endpoint: it alone is told of this.",
}
