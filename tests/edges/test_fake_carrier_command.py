"""`orderwright fake-carrier`: it says where it is, answers there, and keeps what it was told to keep."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from carriers import a_consignment

from orderwright.adapters.fake_carrier.client import FakeCarrier
from orderwright.shipping.ports import Labelled, Unknown

Run = Callable[..., str]


@pytest.fixture
def run() -> Iterator[Run]:
    """Runs the command; answers what the shop is to be told.  What runs already is ended first."""
    running: list[subprocess.Popen[str]] = []

    def end(number: signal.Signals) -> None:
        for process in running:
            process.send_signal(number)
            assert process.wait(20) == 0
            assert process.stdout is not None
            process.stdout.close()
        running.clear()

    def begin(*options: str) -> str:
        end(signal.SIGINT)
        command = [sys.executable, "-m", "orderwright", "fake-carrier", "--port", "0", "--secret", "s3", *options]
        environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment)
        running.append(process)
        assert process.stdout is not None
        return [process.stdout.readline().strip() for _line in range(2)][1]

    yield begin
    end(signal.SIGTERM)


def account(said: str) -> FakeCarrier:
    code, url, secret = said.removeprefix("ORDERWRIGHT_CARRIERS=").split("=")
    assert (code, secret) == ("fake", "s3")
    return FakeCarrier(url, secret)


def test_it_says_how_the_shop_reaches_it_and_answers_there(run: Run) -> None:
    said = run("--plain-labels")
    url = said.split("=")[2]

    quotes = account(said).rate(a_consignment(country="DE"))
    posted = httpx.post(
        f"{url}/behaviour", json={"verb": "rate", "words": "error"}, headers={"Authorization": "Bearer s3"}
    )

    assert not isinstance(quotes, Unknown)
    assert [quote.service for quote in quotes] == ["economy", "standard", "express"]  # type: ignore[union-attr]
    assert posted.status_code == 200
    assert account(said).rate(a_consignment(country="DE")) == Unknown()
    assert httpx.get(f"{url}/questions/x").status_code == 401


def test_labels_outlive_it_in_a_file(run: Run, tmp_path: Path) -> None:
    keep = str(tmp_path / "labels")
    made = account(run("--plain-labels", "--keep", keep)).label(a_consignment(), key="k1")

    again = account(run("--plain-labels", "--keep", keep)).look_up(key="k1")

    assert isinstance(made, Labelled)
    assert again == made
    assert account(run("--plain-labels")).look_up(key="k1") is None
