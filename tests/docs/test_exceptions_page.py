"""docs/exceptions.md names every kind, what it waits for and how it is repaired, and nothing else."""

import json
import re
from pathlib import Path

from orderwright.api.app import api
from orderwright.api.exceptions import CareIn, RepairIn, WatchIn
from orderwright.exceptions.finding import KINDS
from orderwright.exceptions.kinds import Kind

PAGE = (Path(__file__).parents[2] / "docs" / "exceptions.md").read_text(encoding="utf-8")


def span(kind: Kind) -> str:
    if not kind.hours:
        return "at once"
    days, hours = divmod(kind.hours, 24)
    long = f"{days} days" if days > 1 and not hours else f"{kind.hours} hours" if kind.hours > 1 else "1 hour"
    return f"{long} {'before' if kind.is_ahead else 'on'}"


def test_the_table_is_what_the_code_says() -> None:
    shown = re.findall(r"^\| `(\w+)` \| (.+?) \| .+? \| (.+?) \| (.+?) \|$", PAGE, re.MULTILINE)

    assert shown == [
        (kind.code, kind.about, span(kind), ", ".join(f"`{choice.code}`" for choice in kind.choices) or "by hand")
        for kind in KINDS.values()
    ]


def test_every_address_is_named_and_is_there() -> None:
    named = set(re.findall(r"/v1/exceptions[a-z0-9/{}_-]*", PAGE))
    paths = {path for path in api.get_openapi_schema()["paths"] if "exceptions" in path}

    assert named == paths


def test_the_requests_that_are_shown_can_be_read() -> None:
    care, repair, watch = [json.loads(shown) for shown in re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)]

    assert CareIn(**care).owner
    assert KINDS["scan_unmatched"].choice(RepairIn(**repair).choice)
    assert WatchIn(**watch).hours
