"""How the fake provider is told to misbehave: by words in the payer's token, joined by `+`.

| word | what it does |
|---|---|
| `decline=REASON` | says no, with this reason |
| `3ds` | the payer must confirm first, at the address that is answered |
| `hosted` | the payer must give a card first, at the address that is answered |
| `partly` | sets aside half of what was asked |
| `timeout` | does it, and breaks the connection without an answer |
| `lost` | breaks the connection and does nothing |
| `error` | does it, and answers 500 |
| `error_first` | does nothing and answers 500 |
| `slow=SECONDS` | does it, and answers late |
| `tell_first` | sends its message before its answer |
| `tell_twice`, `tell_never` | sends its message twice, or not at all |

A word with a verb before it is for later: `capture:timeout`, `refund:decline=refused`, `void:slow=2`.  Words about the
connection are for the first time that a question is put.
"""

from typing import NamedTuple

VERBS = ("authorize", "capture", "void", "refund")
ANSWERS = ("decline", "3ds", "hosted", "partly")
CONNECTIONS = ("timeout", "lost", "error", "error_first", "slow")
MESSAGES = ("tell_first", "tell_twice", "tell_never")


class Behaviour(NamedTuple):
    """How one question is treated."""

    answer: str = "approve"  # approve, decline=REASON, 3ds, partly
    connection: str = ""  # timeout, lost, error, error_first, slow
    slow_seconds: float = 0.0
    message: str = ""  # tell_first, tell_twice, tell_never


def behaviour(words: str, verb: str) -> Behaviour:
    """What a token's words say about `verb`; words that are not known say nothing, as a real token's would."""
    found = Behaviour()
    for word in words.split("+"):
        meant, colon, rest = word.partition(":")
        said = rest if colon else word
        if (meant if colon else "authorize") != verb:
            continue
        name, _equals, value = said.partition("=")
        if name in ANSWERS:
            found = found._replace(answer=said)
        elif name in CONNECTIONS:
            found = found._replace(connection=name, slow_seconds=_seconds(value) if name == "slow" else 0.0)
        elif name in MESSAGES:
            found = found._replace(message=name)
    return found


def _seconds(value: str) -> float:
    return min(float(value), 60.0) if value.replace(".", "", 1).isdecimal() and value.isascii() else 1.0
