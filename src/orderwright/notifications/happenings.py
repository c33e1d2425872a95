"""What can happen to letters.  Facts name the letter and its kind, never an address."""

KINDS = {
    "letter.sent": "A letter was taken by its provider, or by the mailbox where none is set up.",
    "letter.refused": "A letter was refused for good, or taken by nobody for days; `reason` says why.",
    "letter.switched": "The shop sends a kind of letter by a channel from now on, or does not.",
}
