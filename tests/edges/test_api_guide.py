"""docs/api.md says what is so: its examples are run, in order."""

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from builders import a_channel, a_shelf

from orderwright.kernel import feed
from orderwright.staff import keys

GUIDE = Path(__file__).parents[2] / "docs" / "api.md"


@pytest.mark.django_db(transaction=True)
def test_the_guide_is_right(address: str, issue: Callable[..., keys.Issued]) -> None:
    a_channel("web")
    a_shelf("BERLIN", "TEE", 10)
    examples = re.findall(r"^```python\n(.*?)^```$", GUIDE.read_text(), re.MULTILINE | re.DOTALL)
    assert len(examples) == 7
    names: dict[str, Any] = {"httpx": httpx, "address": address, "key": issue().token}

    try:
        for example in examples:
            wait_for_the_feed()
            exec(compile(example, str(GUIDE), "exec"), names)
    finally:
        names["shop"].close()


def wait_for_the_feed() -> None:
    end = time.monotonic() + 20
    while feed.lag_seconds():
        assert time.monotonic() < end
        time.sleep(0.01)
