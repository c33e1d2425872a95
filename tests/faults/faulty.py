"""A whole shop in processes of its own, as `orderwright run` starts it, spoken to over HTTP."""

import http.client
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg

from orderwright.runtime.embedded import ensure_running, running_pid
from orderwright.runtime.folders import DataFolder
from orderwright.runtime.processes import recorded

PATIENCE_SECONDS = 300  # a question that was cut off twice is asked again after two minutes


@dataclass
class Answer:
    status: int
    body: Any


@dataclass
class Caller:
    """One client of the shop, with one connection that it keeps as long as it lasts."""

    address: str
    key: str
    kept: http.client.HTTPConnection | None = None

    def ask(
        self, method: str, path: str, body: object = None, *, key: str | None = None, patience: float = 30
    ) -> Answer:
        """Ask once.  Raises OSError or HTTPException where no answer came."""
        if self.kept is None:
            self.kept = http.client.HTTPConnection(urlsplit(self.address).netloc, timeout=patience)
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}
        if key is not None:
            headers["Idempotency-Key"] = key
        try:
            self.kept.request(method, path, json.dumps(body) if body is not None else None, headers)
            answer = self.kept.getresponse()
            said = answer.read() or b"null"
            if not answer.getheader("Content-Type", "").startswith("application/"):
                return Answer(answer.status, said.decode())  # not ours: of the server in front
            return Answer(answer.status, json.loads(said))
        except (OSError, http.client.HTTPException):
            self.hang_up()
            raise

    def ask_until_answered(self, method: str, path: str, body: object, *, key: str) -> Answer:
        """Ask, and ask again with the same key while the shop is down, or does not know, or is busy."""
        end = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                answer = self.ask(method, path, body, key=key, patience=10)
            except (OSError, http.client.HTTPException):
                answer = Answer(0, None)
            if 200 <= answer.status < 500 or time.monotonic() > end:
                return answer
            time.sleep(0.05)

    def hang_up(self) -> None:
        if self.kept is not None:
            self.kept.close()
            self.kept = None


@dataclass
class RunningShop:
    """A shop with the demo in it."""

    folder: DataFolder
    process: "subprocess.Popen[bytes]"
    log: Path
    environment: dict[str, str]
    callers: list[Caller] = field(default_factory=list)

    @property
    def address(self) -> str:
        return (self.folder.run / "address").read_text().strip()

    def caller(self) -> Caller:
        caller = Caller(self.address, self.folder.demo_key.read_text().strip())
        self.callers.append(caller)
        return caller

    def ask(self, method: str, path: str, body: object = None, *, key: str | None = None) -> Answer:
        return self.caller().ask(method, path, body, key=key)

    def kill(self, part: str) -> None:
        """kill -9 of a part: web, worker or postgres."""
        pid = running_pid(self.folder) if part == "postgres" else recorded(self.folder.run / f"{part}.pid")
        assert pid is not None, part
        os.kill(pid, signal.SIGKILL)

    def is_well(self) -> bool:
        """Does it answer, and its database too?"""
        caller = Caller(self.address, "")
        try:
            return caller.ask("GET", "/readyz", patience=5).status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            caller.hang_up()

    def rows(self, statement: str) -> list[tuple[Any, ...]]:
        """What the database says, behind the shop's back."""
        with psycopg.connect(ensure_running(self.folder.root).url) as connection:
            return connection.execute(statement).fetchall()  # type: ignore[arg-type]

    def audit(self) -> tuple[bool, str]:
        done = subprocess.run(
            [sys.executable, "-m", "orderwright", "audit"],
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode == 0, done.stdout + done.stderr


@dataclass
class FakeCarrierRun:
    """The fake carrier in a process of its own, which remembers what it answered when it is killed."""

    port: int
    shop: str
    kept: Path
    secret: str = "between us"
    process: "subprocess.Popen[bytes] | None" = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        words = ["fake-carrier", "--port", str(self.port), "--secret", self.secret, "--shop", self.shop]
        words += ["--keep", str(self.kept)]
        self.process = subprocess.Popen([sys.executable, "-m", "orderwright", *words], stdout=subprocess.DEVNULL)
        wait(self.is_well)

    def is_well(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, "the fake carrier ended"
        try:
            self.labels()
        except OSError:
            return False
        return True

    def kill(self) -> None:
        assert self.process is not None
        self.process.kill()
        self.process.wait()

    def labels(self) -> list[tuple[str, str]]:
        """All labels that it ever made: our name of the package, and the number."""
        asked = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            asked.request("GET", "/labels", headers={"Authorization": f"Bearer {self.secret}"})
            return [(one["reference"], one["tracking_number"]) for one in json.loads(asked.getresponse().read())]
        finally:
            asked.close()

    def __enter__(self) -> "FakeCarrierRun":
        self.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.kill()


@contextmanager
def run_a_shop(more: dict[str, str], *, demo: bool = True) -> Iterator[RunningShop]:
    """A shop, with the demo in it or empty, durable as it comes, on a port and a data folder of its own."""
    data = Path(tempfile.mkdtemp(prefix="orderwright-faults-"))
    data.chmod(0o755)  # PostgreSQL runs as another user where we are root
    inherited = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    environment = {**inherited, "ORDERWRIGHT_DATA": str(data), **more}
    log = data / "said.log"
    with log.open("ab") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", "orderwright", "run", *([] if demo else ["--no-demo"])],
            env=environment,
            stdout=said,
            stderr=said,
        )
    running = RunningShop(DataFolder(data), process, log, environment)
    try:
        wait(lambda: (running.folder.run / "address").exists() or process.poll() is not None)
        assert process.poll() is None, log.read_text()
        if not demo:
            running.folder.demo_key.write_text(issue_key(environment))
        yield running
    finally:
        for caller in running.callers:
            caller.hang_up()
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE_SECONDS)
        shutil.rmtree(data, ignore_errors=True)


def issue_key(environment: dict[str, str]) -> str:
    """A key that may do everything, for who has no demo's."""
    words = ["keys", "issue", "tests", "--scope", "all", "--calls-per-minute", "1000000"]
    done = subprocess.run(
        [sys.executable, "-m", "orderwright", *words], env=environment, capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def wait(for_what: Callable[[], object]) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not for_what():
        assert time.monotonic() < end, for_what
        time.sleep(0.05)
