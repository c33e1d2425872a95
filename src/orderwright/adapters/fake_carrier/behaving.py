"""How the fake carrier is told to misbehave: by words, joined by `+`, in the receiver's company after `fake:`, or for a
verb (`rate`, `label`, `void`, `track`) by POST /behaviour.

| word | what it does |
|---|---|
| `refuse=REASON` | says no, with this reason of its own (`no_address`, `too_big`, `no_service`, `account`) |
| `timeout` | does it, and breaks the connection without an answer |
| `lost` | breaks the connection and does nothing |
| `error` | does it, and answers 500 |
| `error_first` | does nothing and answers 500 |
| `slow=SECONDS` | does it, and answers late |
| `end=ENDING` | how the parcel's journey ends: delivered, late, failed_first, pickup, returned, lost |
| `tell=HOW` | how its scans are told: twice, shuffled, late, never, wrong |

Words about the connection are for the first time that a question is put.
"""

from typing import NamedTuple

CONNECTIONS = ("timeout", "lost", "error", "error_first", "slow")


class Behaviour(NamedTuple):
    """How one question is treated, and what becomes of its parcel."""

    refuse: str = ""
    connection: str = ""
    slow_seconds: float = 0.0
    end: str = ""
    tell: str = ""


def behaviour(words: str) -> Behaviour:
    """What words say; those that are not known say nothing."""
    found = Behaviour()
    for word in words.split("+"):
        name, _equals, value = word.strip().partition("=")
        if name in CONNECTIONS:
            found = found._replace(connection=name, slow_seconds=_seconds(value) if name == "slow" else 0.0)
        elif name == "refuse":
            found = found._replace(refuse=value)
        elif name == "end":
            found = found._replace(end=value)
        elif name == "tell":
            found = found._replace(tell=value)
    return found


def in_company(company: str) -> str:
    """The words in a receiver's company: "fake:timeout+end=lost"."""
    return company.partition("fake:")[2].strip() if company.startswith("fake:") else ""


def _seconds(value: str) -> float:
    return min(float(value), 60.0) if value.replace(".", "", 1).isdecimal() and value.isascii() else 1.0
