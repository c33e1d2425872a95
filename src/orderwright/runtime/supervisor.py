"""`orderwright run`: starts all the parts of a shop, watches them, starts again what died, stops them in order.

The parts are PostgreSQL (unless DATABASE_URL names another), the web process and the worker; and for the demo shop a
process that plays the world around it: a payment provider, a carrier and a receiver of webhooks. This process does
nothing else and imports neither Django nor a driver: it takes some 20 MB. Migrations and the demo shop are made by
processes that end, so their memory comes back.
"""

import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from orderwright.runtime import tcp_ports
from orderwright.runtime.cluster import EmbeddedError
from orderwright.runtime.embedded import Server, ensure_running
from orderwright.runtime.folders import DataFolder, data_folder, make_root
from orderwright.runtime.processes import PARENT, end_recorded, record
from orderwright.runtime.signals import Bell

DEMO_BANK = "Tea house of the demo\\nIBAN DE00 0000 0000 0000 0000 00 (an example)"
LOOK_EVERY_SECONDS = 1.0
STOP_PATIENCE_SECONDS = 10.0
DIED_AT_ONCE_SECONDS = 10.0
LONGEST_WAIT_SECONDS = 30.0
READY_PATIENCE_SECONDS = 60.0


class AlreadyRunning(RuntimeError):
    """Another `orderwright run` watches this data folder; the sentence says where."""


class Stopped(Exception):
    """We were told to stop before everything was up."""


@dataclass
class Part:
    """A process to keep alive, and what became of it so far."""

    name: str
    command: Sequence[str]
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    start_after: float = 0.0
    early_deaths: int = 0

    def is_up(self) -> bool:
        """Whether the process runs. Asking also takes its leavings off the system's table."""
        return self.process is not None and self.process.poll() is None


@dataclass
class Supervisor:
    """All that one `orderwright run` holds."""

    folder: DataFolder
    with_demo: bool
    server: Server | None = None
    environment: dict[str, str] = field(default_factory=dict)
    port: int = 0
    said: list[str] = field(default_factory=list)  # what else to tell whoever started us, once all is up
    bell: Bell = field(default_factory=Bell)  # rung when there is something to look at
    stopping: bool = False

    def __post_init__(self) -> None:
        """The parts, in the order in which they are started and stopped."""
        self.parts = [
            Part("web", [sys.executable, "-m", "orderwright.runtime.web"]),
            Part("worker", [sys.executable, "-m", "orderwright.runtime.work"]),
        ]


def run(*, with_demo: bool = True) -> None:
    """Run the shop until SIGTERM or SIGINT. Raises AlreadyRunning and EmbeddedError before anything is up."""
    folder = data_folder()
    _make(folder)
    with (folder.run / "lock").open("a") as lock:
        _be_alone(folder, lock.fileno())
        supervisor = Supervisor(folder, with_demo)
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            if signal.getsignal(number) is not signal.SIG_IGN:  # as nohup leaves SIGHUP
                signal.signal(number, _Stop(supervisor))
        signal.signal(signal.SIGCHLD, _Wake(supervisor))
        try:
            _bring_up(supervisor)
            _watch(supervisor)
        except Stopped:
            pass
        finally:
            _bring_down(supervisor)


@dataclass(frozen=True)
class _Wake:
    """A signal's handler: look at the parts now."""

    supervisor: Supervisor

    def __call__(self, number: int, frame: FrameType | None) -> None:
        self.supervisor.bell.ring()


@dataclass(frozen=True)
class _Stop(_Wake):
    """A signal's handler: stop everything."""

    def __call__(self, number: int, frame: FrameType | None) -> None:
        self.supervisor.stopping = True
        super().__call__(number, frame)


def _make(folder: DataFolder) -> None:
    try:
        make_root(folder)
        folder.run.mkdir(exist_ok=True)
    except PermissionError as error:
        raise EmbeddedError(
            f"The data folder {folder.root} is not ours to write; name another with ORDERWRIGHT_DATA."
        ) from error


def _be_alone(folder: DataFolder, descriptor: int) -> None:
    """Refuse when another supervisor is here; end what one that was killed left behind."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        address = folder.run / "address"
        where = address.read_text().strip() if address.exists() else "starting up"
        raise AlreadyRunning(f"Orderwright runs on {folder.root} already: {where}") from error
    for name in ("web", "worker", "world", "task"):
        end_recorded(folder.run / f"{name}.pid")


def _bring_up(supervisor: Supervisor) -> None:
    """Database, tables, demo shop, then the parts; says where the shop is."""
    folder = supervisor.folder
    supervisor.environment = {
        **os.environ,
        "ORDERWRIGHT_DATA": str(folder.root),
        "ORDERWRIGHT_SECRET_KEY": os.environ.get("ORDERWRIGHT_SECRET_KEY") or _secret_key(folder),
        "MALLOC_ARENA_MAX": os.environ.get("MALLOC_ARENA_MAX", "2"),
        PARENT: str(os.getpid()),
    }
    if not os.environ.get("DATABASE_URL"):
        _say("Starting PostgreSQL …")
        supervisor.server = ensure_running(folder.root)
        supervisor.environment["DATABASE_URL"] = supervisor.server.url
    _run_task(supervisor, "migrate", "--quiet")
    host = os.environ.get("ORDERWRIGHT_HOST") or "127.0.0.1"
    supervisor.port = tcp_ports.first_free(int(os.environ.get("ORDERWRIGHT_PORT") or "8000"), host)
    supervisor.environment["ORDERWRIGHT_PORT"] = str(supervisor.port)
    supervisor.environment.setdefault("ORDERWRIGHT_SHOP_URL", f"http://{_local(host)}:{supervisor.port}")
    if supervisor.with_demo:
        _make_demo(supervisor, f"http://{_local(host)}:{supervisor.port}")
    for part in supervisor.parts:
        _start(supervisor, part)
    _wait_until_it_answers(supervisor, host)
    address = f"http://{host}:{supervisor.port}"
    (folder.run / "address").write_text(address + "\n")
    _say(f"Orderwright is at {address}  (the shop; the desk: {address}/desk; the API's pages: {address}/v1/docs)")
    if folder.demo_password.exists():
        _say(f"Sign in as owner@demo.example with the password {folder.demo_password.read_text().strip()}")
        _say("or as operations@, support@, warehouse@, finance@ or reader@demo.example, to see what each may.")
    if folder.demo_key.exists():
        _say(f"API key of the demo shop: {folder.demo_key.read_text().strip()}")
        _say(f"Letters that it sent: {address}/mailbox   Live orders: make demo-traffic RATE=2")
    for sentence in supervisor.said:
        _say(sentence)
    _say(f"Data: {folder.root}   Stop: Ctrl-C")


def _make_demo(supervisor: Supervisor, address: str) -> None:
    """Make the demo shop where there is none, with a world around it, unless the settings name another.

    Its orders are seeded with the settings that it will run with.  A shop that is no demo gets no such world.
    """
    named = os.environ.get("ORDERWRIGHT_PAYMENT_PROVIDERS") or os.environ.get("ORDERWRIGHT_CARRIERS")
    if named:
        _run_task(supervisor, "seed", "--if-empty")
        return
    alone = dict(supervisor.environment)
    secret, ports = os.urandom(16).hex(), _world_ports(supervisor.folder)
    provider, carrier, hooks = (f"http://127.0.0.1:{port}" for port in ports)
    supervisor.environment |= {
        "ORDERWRIGHT_FAKE_SECRET": secret,
        "ORDERWRIGHT_PAYMENT_PROVIDERS": f"fake={provider}={secret}",
        "ORDERWRIGHT_CARRIERS": f"fake={carrier}={secret}",
        "ORDERWRIGHT_WEBHOOKS_INSIDE": os.environ.get("ORDERWRIGHT_WEBHOOKS_INSIDE") or "127.0.0.0/8",
        "ORDERWRIGHT_WEBHOOKS_HTTP": os.environ.get("ORDERWRIGHT_WEBHOOKS_HTTP") or "1",
        "ORDERWRIGHT_DEMO_HOOKS": hooks,
        "ORDERWRIGHT_BANK_DETAILS": os.environ.get("ORDERWRIGHT_BANK_DETAILS") or DEMO_BANK,
    }
    _run_task(supervisor, "seed", "--if-empty")
    if supervisor.folder.demo_key.exists():
        words = ["demo-world", "--shop", address, "--ports", *ports]
        supervisor.parts.append(Part("world", [sys.executable, "-m", "orderwright", *words]))
        supervisor.said.append(f"Webhooks of the demo shop are shown at {hooks}")
    else:
        supervisor.environment = alone


def _world_ports(folder: DataFolder) -> list[str]:
    """Three free ports; the same as the last time where they are, for webhooks go on to the address that they know."""
    path = folder.root / "world-ports"
    ports = path.read_text().split() if path.exists() else []
    if len(ports) != 3 or not all(tcp_ports.is_free(int(port)) for port in ports):
        ports = [str(tcp_ports.any_free()) for _ in range(3)]
        path.write_text(" ".join(ports) + "\n")
    return ports


def _run_task(supervisor: Supervisor, *words: str) -> None:
    """Run a command of ours that ends by itself. One that fails, fails the start."""
    task = Part("task", [sys.executable, "-m", "orderwright", *words])
    _start(supervisor, task)
    assert task.process is not None
    while task.is_up() and not supervisor.stopping:
        supervisor.bell.wait(LOOK_EVERY_SECONDS)
    if supervisor.stopping:
        _stop(supervisor, task)
        raise Stopped
    if task.process.returncode != 0:
        raise EmbeddedError(f"orderwright {' '.join(words)} failed; what it said stands above.")
    (supervisor.folder.run / "task.pid").unlink(missing_ok=True)


def _watch(supervisor: Supervisor) -> None:
    """Until told to stop, start again what died."""
    while not supervisor.stopping:
        _keep_database(supervisor)
        for part in supervisor.parts:
            if not part.is_up():
                _start_again(supervisor, part)
        supervisor.bell.wait(LOOK_EVERY_SECONDS)


def _keep_database(supervisor: Supervisor) -> None:
    """Start PostgreSQL again when its process is gone. One that only recovers is left to it."""
    server = supervisor.server
    if server is None or server.pid() is not None:
        return
    _say("PostgreSQL is gone; starting it again.")
    try:
        supervisor.server = ensure_running(supervisor.folder.root)
    except EmbeddedError as error:
        _say(f"{error}\nTrying again.")
        return
    if supervisor.server.url != server.url:
        supervisor.environment["DATABASE_URL"] = supervisor.server.url
        for part in supervisor.parts:
            _stop(supervisor, part)


def _start_again(supervisor: Supervisor, part: Part) -> None:
    """Start a part that died: the first time at once, then after waits that grow as long as it dies young."""
    now = time.monotonic()
    if part.process is not None:
        lived = now - part.started_at
        part.early_deaths = part.early_deaths + 1 if lived < DIED_AT_ONCE_SECONDS else 0
        wait = min(0.25 * 2**part.early_deaths, LONGEST_WAIT_SECONDS) if part.early_deaths else 0.0
        part.start_after = now + wait
        _say(f"The {part.name} process ended ({_ending(part.process.returncode)}); starting it again.")
        part.process = None
    if now >= part.start_after:
        _start(supervisor, part)


def _ending(code: int) -> str:
    return f"killed by {signal.Signals(-code).name}" if code < 0 else f"exit code {code}"


def _start(supervisor: Supervisor, part: Part) -> None:
    """Start the part in a session of its own: Ctrl-C reaches only us, and we stop the parts in order."""
    part.process = subprocess.Popen(
        part.command, env=supervisor.environment, stdin=subprocess.DEVNULL, start_new_session=True
    )
    part.started_at = time.monotonic()
    record(supervisor.folder.run / f"{part.name}.pid", part.process.pid)


def _stop(supervisor: Supervisor, part: Part) -> None:
    """Stop the part: politely, and after ten seconds not."""
    if part.process is not None:
        part.process.terminate()
        try:
            part.process.wait(STOP_PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            _say(f"The {part.name} process does not stop; killing it.")
            part.process.kill()
            part.process.wait()
        part.process = None
    (supervisor.folder.run / f"{part.name}.pid").unlink(missing_ok=True)


def _bring_down(supervisor: Supervisor) -> None:
    """Stop all parts: the web first, so that no more work comes in, PostgreSQL last."""
    _say("Stopping …")
    for part in supervisor.parts:
        _stop(supervisor, part)
    if supervisor.server is not None:
        supervisor.server.stop()
    (supervisor.folder.run / "address").unlink(missing_ok=True)
    _say("Stopped.")


def _wait_until_it_answers(supervisor: Supervisor, host: str) -> None:
    """Wait until the web process takes connections. Raises Stopped, and EmbeddedError when it never does."""
    end = time.monotonic() + READY_PATIENCE_SECONDS
    web = supervisor.parts[0]
    while not _answers(host, supervisor.port):
        if supervisor.stopping:
            raise Stopped
        if not web.is_up() or time.monotonic() > end:
            raise EmbeddedError("The web process did not come up; what it said stands above.")
        supervisor.bell.wait(0.05)


def _answers(host: str, port: int) -> bool:
    try:
        with socket.create_connection((_local(host), port), timeout=1):
            return True
    except OSError:
        return False


def _local(host: str) -> str:
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)


def _secret_key(folder: DataFolder) -> str:
    """The key that signs sessions; made once, so that a restart logs nobody out."""
    path = folder.root / "secret-key"
    if not path.exists():
        _write_private(path, os.urandom(40).hex())
    return path.read_text().strip()


def _write_private(path: Path, text: str) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write(text + "\n")


def _say(sentence: str) -> None:
    """Tell whoever started us, if they are still there: a terminal that was closed keeps nothing from being stopped."""
    with suppress(OSError):
        print(sentence, flush=True)
