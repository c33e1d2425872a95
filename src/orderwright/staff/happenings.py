"""What can happen to the keys of programs."""

KINDS = {
    "key.issued": "A program got a key; the fact names it, and never tells it.",
    "key.revoked": "A key was taken back; it opens nothing any more.",
}
