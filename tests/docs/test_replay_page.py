"""docs/replay.md names every option of the command, and the moments of a day as they are."""

import re
from pathlib import Path

from orderwright.cli.replaying import replay
from orderwright.replay.days import MOMENTS

PAGE = (Path(__file__).parents[2] / "docs" / "replay.md").read_text(encoding="utf-8")


def test_every_option_is_named() -> None:
    options = [option.opts[0] for option in replay.params]

    assert [name for name in options if f"`{name}`" not in PAGE] == []


def test_the_moments_are_those_of_the_play() -> None:
    shown = re.findall(r"^\| (\d\d:\d\d) \|", PAGE, re.MULTILINE)

    assert shown == [f"{at:%H:%M}" for at, _steps in MOMENTS]
