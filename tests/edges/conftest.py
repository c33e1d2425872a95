"""What the tests of the edges share: clients with keys, and a web process of our own."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from urllib.parse import quote

import httpx
import pytest
from carriers import SECRET, fake_carrier
from django.conf import settings
from django.test import Client

from orderwright.kernel import actors
from orderwright.staff import keys
from orderwright.staff.permissions import SCOPES

__all__ = ["fake_carrier"]  # a fixture

PATIENCE_SECONDS = 60


@pytest.fixture(autouse=True)
def _nobody_is_remembered() -> None:
    keys.forget_remembered()


@pytest.fixture
def issue() -> Callable[..., keys.Issued]:
    """Issues a key with these scopes; all of them, where none is named."""

    def _issue(*scopes: str, calls_per_minute: int = 1_000_000) -> keys.Issued:
        return keys.issue(
            "tests", scopes or list(SCOPES), actor=actors.system("tests"), calls_per_minute=calls_per_minute
        )

    return _issue


@pytest.fixture
def browser(db: None, issue: Callable[..., keys.Issued]) -> Client:
    """A client of the API that may do everything."""
    return Client(headers={"Authorization": f"Bearer {issue().token}"})


@pytest.fixture(scope="module")
def address(django_db_setup: None) -> Iterator[str]:
    """The address of a web process of our own, on the database of the tests."""
    chosen = settings.DATABASES["default"]
    host = chosen["HOST"] if not chosen["HOST"].startswith("/") else ""
    query = f"?host={quote(chosen['HOST'])}" if chosen["HOST"].startswith("/") else ""
    who = f"{quote(chosen['USER'])}:{quote(chosen['PASSWORD'])}@" if chosen["USER"] else ""
    port = f":{chosen['PORT']}" if chosen["PORT"] else ""
    url = f"postgresql://{who}{host}{port}/{chosen['NAME']}{query}"
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        free = probe.getsockname()[1]
    ours = {
        "ORDERWRIGHT_PORT": str(free),
        "ORDERWRIGHT_HOST": "127.0.0.1",
        "ORDERWRIGHT_SECRET_KEY": settings.SECRET_KEY,
        "ORDERWRIGHT_CARRIERS": f"fake=http://127.0.0.1:9={SECRET}",  # it tells us things; we ask it nothing
    }
    environment = {**os.environ, "DATABASE_URL": url, **ours}
    process = subprocess.Popen([sys.executable, "-m", "orderwright.runtime.web"], env=environment)
    here = f"http://127.0.0.1:{free}"
    try:
        _wait_for(here, process)
        yield here
        process.terminate()
        assert process.wait(PATIENCE_SECONDS) == 0
    finally:
        process.kill()
        process.wait()


def _wait_for(address: str, process: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < end:
        assert process.poll() is None, "the web process ended"
        try:
            if httpx.get(f"{address}/healthz").status_code == 200:
                return
        except httpx.TransportError:
            time.sleep(0.05)
    raise AssertionError("the web process did not come up")


@pytest.fixture
def caller(address: str, transactional_db: None, issue: Callable[..., keys.Issued]) -> Iterator[httpx.Client]:
    """A client of that web process that may do everything."""
    headers = {"Authorization": f"Bearer {issue().token}"}
    with httpx.Client(base_url=address, headers=headers, timeout=30) as client:
        yield client
