"""What can happen to the keys of programs."""

KINDS = {
    "key.issued": "A program was given an API key; the fact names it, and never tells it.",
    "key.revoked": "An API key opens nothing any more.",
}
