"""`orderwright run`: all parts come up, come back after a kill, and go down in order."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path

import pytest

from orderwright.runtime.embedded import ensure_running, running_pid
from orderwright.runtime.folders import DataFolder
from orderwright.runtime.processes import identity, recorded
from orderwright.runtime.tcp_ports import any_free

pytestmark = pytest.mark.faults

PATIENCE_SECONDS = 90
RUN = [sys.executable, "-m", "orderwright", "run"]


@dataclass
class Shop:
    """A shop that runs in processes of its own."""

    folder: DataFolder
    process: subprocess.Popen[bytes]
    log: Path

    @property
    def address(self) -> str:
        return (self.folder.run / "address").read_text().strip()

    def pid(self, part: str) -> int | None:
        return running_pid(self.folder) if part == "postgres" else recorded(self.folder.run / f"{part}.pid")

    def is_well(self) -> bool:
        """Whether it answers, and its database too."""
        try:
            with urllib.request.urlopen(f"{self.address}/readyz", timeout=5) as answer:
                return bool(answer.status == 200)
        except (OSError, HTTPException):
            return False

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE_SECONDS)


def _environment(data: Path, **more: str) -> dict[str, str]:
    inherited = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    return {**inherited, "ORDERWRIGHT_DATA": str(data), "ORDERWRIGHT_PORT": str(any_free()), **more}


@contextmanager
def _open(data: Path, *, demo: bool = False, **more: str) -> Iterator[Shop]:
    log = data / "said.log"
    with log.open("ab") as said:
        process = subprocess.Popen(
            [*RUN, "--demo" if demo else "--no-demo"], env=_environment(data, **more), stdout=said, stderr=said
        )
    shop = Shop(DataFolder(data), process, log)
    try:
        _wait(lambda: (shop.folder.run / "address").exists() or process.poll() is not None)
        assert process.poll() is None, log.read_text()
        yield shop
    finally:
        sys.stdout.write(log.read_text())  # shown where the test fails
        if process.poll() is None:
            shop.stop()


def _wait(for_what: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not for_what():
        assert time.monotonic() < end
        time.sleep(0.05)


def test_comes_up_and_goes_down_and_leaves_nothing_behind(data: Path) -> None:
    with _open(data) as shop:
        assert shop.is_well()
        parts = [shop.pid("web"), shop.pid("worker"), shop.pid("postgres")]
        assert all(parts)

        code = shop.stop()

        assert code == 0
        assert not any(identity(pid or 0) for pid in parts)
        assert not (data / "postgres" / "cluster" / "postmaster.pid").exists()
        said = shop.log.read_text()
        assert re.search(r"^Orderwright is at http://127\.0\.0\.1:\d+ ", said, re.MULTILINE)
        assert said.endswith("\nStopped.\n")


def test_whatever_is_killed_is_started_again(data: Path) -> None:
    with _open(data) as shop:
        for part in ("web", "worker", "postgres"):
            killed = shop.pid(part)
            assert killed is not None

            os.kill(killed, signal.SIGKILL)

            _wait(lambda part=part, killed=killed: shop.pid(part) not in {None, killed} and shop.is_well())


def test_all_killed_at_once_comes_back_too(data: Path) -> None:
    with _open(data) as shop:
        killed = {shop.pid(part) for part in ("web", "worker", "postgres")}
        assert None not in killed

        for pid in killed:
            os.kill(pid or 0, signal.SIGKILL)

        _wait(lambda: {shop.pid(part) for part in ("web", "worker", "postgres")}.isdisjoint({*killed, None}))
        _wait(shop.is_well)


def test_parts_end_when_the_supervisor_is_killed_and_the_next_start_finds_its_data(data: Path) -> None:
    with _open(data) as shop:
        parts = [shop.pid("web"), shop.pid("worker")]
        ensure_running(data).query("CREATE TABLE kept AS SELECT 47 AS units", "orderwright")
        key = (data / "secret-key").read_text()

        shop.process.kill()
        shop.process.wait()

        _wait(lambda: not any(identity(pid or 0) for pid in parts))
        (shop.folder.run / "address").unlink()
    with _open(data) as shop:
        assert shop.is_well()
        assert ensure_running(data).query("SELECT units FROM kept", "orderwright") == "47"
        assert (data / "secret-key").read_text() == key


def test_second_start_on_the_same_data_is_refused_and_disturbs_nothing(data: Path) -> None:
    with _open(data) as shop:
        second = subprocess.run(
            [*RUN, "--no-demo"], env=_environment(data), capture_output=True, text=True, check=False
        )

        assert second.returncode == 1
        assert second.stderr == f"Error: Orderwright runs on {data} already: {shop.address}\n"
        assert shop.is_well()


def test_taken_port_means_the_next_one(data: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]

        with _open(data, ORDERWRIGHT_PORT=str(port)) as shop:
            assert int(shop.address.rsplit(":", 1)[1]) > port
            assert shop.is_well()


def test_named_database_is_used_and_left_running(data: Path) -> None:
    elsewhere = data / "elsewhere"
    elsewhere.mkdir()
    server = ensure_running(elsewhere)
    try:
        with _open(data, DATABASE_URL=server.url) as shop:
            assert shop.is_well()
            assert shop.pid("postgres") is None
            assert server.query("SELECT to_regclass('event')", "orderwright") == "event"

        assert server.alive()
    finally:
        server.stop()


def test_web_process_that_cannot_start_fails_the_start_and_stops_the_rest(data: Path) -> None:
    failed = subprocess.run(
        [*RUN, "--no-demo"],
        env=_environment(data, ORDERWRIGHT_HOST="192.0.2.1"),
        capture_output=True,
        text=True,
        check=False,
    )

    assert failed.returncode == 1
    assert "192.0.2.1" in failed.stderr
    assert running_pid(DataFolder(data)) is None
    assert recorded(data / "run" / "worker.pid") is None


def test_demo_shop_has_a_world_around_it_that_comes_back_where_it_was(data: Path) -> None:
    with _open(data, demo=True) as shop:
        _wait(shop.is_well)
        ports = (data / "world-ports").read_text().split()
        _wait(lambda: all(_listens(int(port)) for port in ports))
        was = shop.pid("world")
        assert was is not None

        os.kill(was, signal.SIGKILL)

        _wait(lambda: shop.pid("world") not in (None, was) and all(_listens(int(port)) for port in ports))
        assert shop.stop() == 0

    assert not any(_listens(int(port)) for port in ports)


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
