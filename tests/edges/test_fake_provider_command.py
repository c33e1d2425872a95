"""`orderwright fake-provider`: it says where it is, and answers there."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from uuid import uuid4

import httpx
import pytest

from orderwright.adapters.fake_payments.client import FakeProvider
from orderwright.kernel.money import Money
from orderwright.payments.ports import ActionRequired, Approved


@pytest.fixture
def said() -> Iterator[list[str]]:
    """The first lines of the command, which runs as long as the test."""
    command = [sys.executable, "-m", "orderwright", "fake-provider", "--port", "0", "--secret", "s3"]
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
    assert process.stdout is not None
    yield [process.stdout.readline().strip() for _line in range(2)]
    process.send_signal(signal.SIGTERM)
    assert process.wait(20) == 0
    process.stdout.close()


def test_it_says_how_the_shop_reaches_it_and_answers_there(said: list[str]):
    code, url, secret = said[1].removeprefix("ORDERWRIGHT_PAYMENT_PROVIDERS=").split("=")
    assert (code, secret) == ("fake", "s3")

    provider = FakeProvider(url, secret)
    approved = provider.authorize(Money(500, "EUR"), "", key=str(uuid4()))
    asked = provider.authorize(Money(500, "EUR"), "3ds", key=str(uuid4()))

    assert isinstance(approved, Approved)
    assert isinstance(asked, ActionRequired)
    assert "fake bank" in httpx.get(asked.url).text
    assert httpx.get(f"{url}/questions/x").status_code == 401
