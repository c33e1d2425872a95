"""The kinds of events that the keys of programs record."""

KINDS = {
    "key.issued": "A program was given an API key.",
    "key.revoked": "An API key opens nothing any more.",
}
