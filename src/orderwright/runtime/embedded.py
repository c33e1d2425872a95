"""The embedded PostgreSQL: made at the first start, started when it is not running, joined when it is.

Nothing here is believed for a file's sake: a server counts as running when the recorded process is a PostgreSQL of
this very folder, and as ready when it takes the password and names this folder as its own. A recovery after a crash
may take its time (ten minutes). The server listens on 127.0.0.1 only and asks for a password (scram-sha-256).

This module imports neither Django nor psycopg: it is in the process that watches all others, which stays small.
"""

import fcntl
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from orderwright.runtime import tcp_ports, upgrading
from orderwright.runtime.binaries import bin_of, forget_copies, keep_copy, major_of
from orderwright.runtime.cluster import ROLE, SETTINGS, EmbeddedError, make_cluster, run_as, write
from orderwright.runtime.folders import DataFolder, data_folder, make_root
from orderwright.runtime.system_user import SystemUser, server_user

DATABASE = "orderwright"
PATIENCE_SECONDS = 600


@dataclass(frozen=True)
class Server:
    """An embedded server that was running and answering when this was made."""

    folder: DataFolder
    user: SystemUser
    bin: Path
    port: int
    password: str

    @property
    def url(self) -> str:
        """The URL of the shop's database."""
        return self.url_of(DATABASE)

    def url_of(self, database: str) -> str:
        """The URL of another database of this server."""
        return f"postgresql://{ROLE}:{self.password}@127.0.0.1:{self.port}/{database}"

    def pid(self) -> int | None:
        """The process id of the running server, or None."""
        return running_pid(self.folder)

    def alive(self) -> bool:
        """Whether the server runs and takes connections now. Cheap enough for every second."""
        return self.pid() is not None and accepts(self.port)

    def query(self, sql: str, database: str = "postgres") -> str:
        """Run one statement with psql as the superuser; answers what it prints, unaligned."""
        return _psql(self.bin, self.port, self.password, sql, database)

    def stop(self) -> None:
        """Stop the server: running statements are broken off, what is committed is kept. Not running is fine."""
        with _locked(self.folder):
            _stop(self)


def ensure_running(data: Path | None = None) -> Server:
    """The running server of a data folder: joined if it runs, else made and started as far as needed.

    Many processes may call this at once; a file lock lets one of them do the work. Raises EmbeddedError.
    """
    folder = data_folder(data)
    user = _prepare(folder)
    with _locked(folder):
        joined = _join(folder, user)
        if joined is not None:
            return joined
        copy = keep_copy(folder.programs)
        programs = bin_of(copy)
        if not user.may_enter(programs):
            raise EmbeddedError(_unreachable(folder))
        upgrading.finish(folder)
        if not (folder.cluster / "PG_VERSION").exists():
            _create(folder, user, programs)
        upgrading.take_over(folder, user, programs)
        write(folder.postgres / "version", copy.name, user, 0o644)
        server = _start(folder, user, programs)
        forget_copies(folder.programs, major_of(programs / "postgres"), keep=copy)
        ensure_database(server, DATABASE)
        return server


def ensure_database(server: Server, name: str) -> None:
    """Make the database `name` on the server unless it is there."""
    quoted = name.replace("'", "''")
    if server.query(f"SELECT 1 FROM pg_database WHERE datname = '{quoted}'"):
        return
    identifier = name.replace('"', '""')
    server.query(f'CREATE DATABASE "{identifier}"')


def running_pid(folder: DataFolder) -> int | None:
    """The process that runs this folder's cluster, or None.

    The pid that PostgreSQL wrote down may be left over from a kill and belong to some other program by now, so the
    process must be a PostgreSQL that was started on this very folder.
    """
    try:
        pid = int((folder.cluster / "postmaster.pid").read_text().split("\n", 1)[0])
    except (OSError, ValueError):
        return None
    words = _command_line(pid)
    is_ours = bool(words) and Path(words[0]).name.startswith("postgres") and str(folder.cluster) in words
    return pid if is_ours else None


def accepts(port: int, patience_seconds: float = 2.0) -> bool:
    """Whether a PostgreSQL on this port takes connections now: it answers a start packet by asking who we are.

    A server that is starting, recovering or stopping answers with an error instead (protocol 3.0, "Start-up"). The
    error that all connections are taken (53300) comes from a server that is well.
    """
    parameters = b"user\0" + ROLE.encode() + b"\0database\0postgres\0\0"
    packet = (196608).to_bytes(4, "big") + parameters
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=patience_seconds) as connection:
            connection.sendall((len(packet) + 4).to_bytes(4, "big") + packet)
            answer = connection.recv(1024)
    except OSError:
        return False
    return answer[:1] == b"R" or b"\0C53300\0" in answer


def _prepare(folder: DataFolder) -> SystemUser:
    """Make the folders and give the server's to its user."""
    user = server_user(folder.cluster)
    try:
        make_root(folder)
        for path in (folder.postgres, folder.programs, folder.log):
            path.mkdir(exist_ok=True)
            user.own(path, 0o755 if path is folder.programs else None)
    except PermissionError as error:
        raise EmbeddedError(
            f"The data folder {folder.root} is not ours to write ({error}). Name another with ORDERWRIGHT_DATA, or run "
            "as the user whose data these are."
        ) from error
    if not user.may_enter(folder.postgres):
        raise EmbeddedError(_unreachable(folder))
    return user


def _unreachable(folder: DataFolder) -> str:
    return (
        f"PostgreSQL does not run as root, and the user it runs as may not enter {folder.postgres}: a folder above it "
        "is closed to others. Name a data folder elsewhere with ORDERWRIGHT_DATA (the default, /var/lib/orderwright, "
        f"is fine), or open the folders above it: chmod o+x {folder.root.parent}"
    )


@contextmanager
def _locked(folder: DataFolder) -> Iterator[None]:
    """Hold the folder's lock. It goes with the process, however that ends."""
    with (folder.postgres / "lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _join(folder: DataFolder, user: SystemUser) -> Server | None:
    """The server that runs on this folder, once it answers; None when there is none, or it ends meanwhile."""
    end = time.monotonic() + PATIENCE_SECONDS
    while running_pid(folder) is not None:
        port = _port_in_use(folder)
        if port is not None and accepts(port):
            version = (folder.postgres / "version").read_text().strip()
            server = Server(folder, user, bin_of(folder.programs / version), port, _read_password(folder))
            _check_identity(server)
            return server
        if time.monotonic() > end:
            raise EmbeddedError(
                f"PostgreSQL runs on {folder.cluster} but took no connection in {PATIENCE_SECONDS} s; see {folder.log}."
            )
        time.sleep(0.1)
    return None


def _check_identity(server: Server) -> None:
    """Refuse a server that answers on our port but keeps another folder's data."""
    answered = server.query("SHOW data_directory")
    if Path(answered).resolve() != server.folder.cluster.resolve():
        raise EmbeddedError(f"The PostgreSQL on port {server.port} keeps {answered}, not {server.folder.cluster}.")


def _create(folder: DataFolder, user: SystemUser, programs: Path) -> None:
    """Make the password and the cluster. A cluster is made beside its place, so that half of one is never used."""
    write(folder.postgres / "password", os.urandom(24).hex(), user, 0o600)
    unfinished = folder.postgres / "cluster.unfinished"
    shutil.rmtree(unfinished, ignore_errors=True)
    make_cluster(folder, user, programs, unfinished)
    unfinished.rename(folder.cluster)


def _start(folder: DataFolder, user: SystemUser, programs: Path) -> Server:
    """Start the server on its port, or on another where that one is taken."""
    settings = SETTINGS.format(log=folder.log, local=folder.postgres / "local.conf")
    write(folder.cluster / "orderwright.conf", settings, user, 0o600)
    _forget_stale_pid(folder)
    password = _read_password(folder)
    port = _read_number(folder.postgres / "port")
    end = time.monotonic() + 60
    while True:
        if port is None or not tcp_ports.is_free(port):
            port = tcp_ports.any_free()
        complaint = _start_once(folder, user, programs, port)
        if complaint is None:
            break
        port_was_taken = "could not bind" in complaint or "could not create any TCP/IP sockets" in complaint
        leftovers_end = "shared memory block" in complaint or "lock file" in complaint
        if not (port_was_taken or leftovers_end) or time.monotonic() > end:
            raise EmbeddedError(f"PostgreSQL did not start on {folder.cluster}:\n{complaint}")
        time.sleep(0.2)
    write(folder.postgres / "port", str(port), user, 0o644)
    server = Server(folder, user, programs, port, password)
    _check_identity(server)
    return server


def _start_once(folder: DataFolder, user: SystemUser, programs: Path, port: int) -> str | None:
    """pg_ctl start; answers None, or what the server said when it did not start."""
    said = folder.log / "start.log"
    write(said, "", user, 0o640)
    command: list[str | Path] = [
        programs / "pg_ctl",
        "-D",
        folder.cluster,
        "-w",
        "-t",
        str(PATIENCE_SECONDS),
        "-l",
        said,
    ]
    try:
        run_as(user, [*command, "-o", f"-p {port}", "start"], folder)
    except EmbeddedError as error:
        return said.read_text(errors="replace") or str(error)
    return None


def _stop(server: Server) -> None:
    if server.pid() is None:
        return
    command: list[str | Path] = [
        server.bin / "pg_ctl",
        "-D",
        server.folder.cluster,
        "-w",
        "-t",
        "60",
        "-m",
        "fast",
        "stop",
    ]
    run_as(server.user, command, server.folder)


def _forget_stale_pid(folder: DataFolder) -> None:
    """Remove a pid file whose process is not our server: PostgreSQL would wait for whoever has that number now."""
    if running_pid(folder) is None:
        (folder.cluster / "postmaster.pid").unlink(missing_ok=True)


def _psql(programs: Path, port: int, password: str, sql: str, database: str) -> str:
    command = [str(programs / "psql"), "-h", "127.0.0.1", "-p", str(port), "-U", ROLE, "-d", database]
    environment = {"PATH": os.environ.get("PATH", ""), "LC_ALL": "C", "PGPASSWORD": password, "PGCONNECT_TIMEOUT": "10"}
    done = subprocess.run(
        [*command, "-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1", "-c", sql],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )
    if done.returncode != 0:
        raise EmbeddedError(f"psql failed: {done.stderr.strip()}")
    return done.stdout.strip()


def _command_line(pid: int) -> list[str]:
    """The words that the process was started with; none when it is gone."""
    if sys.platform == "linux":
        try:
            return Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace").split("\0")
        except OSError:
            return []
    said = subprocess.run(["ps", "-ww", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return said.stdout.split()


def _port_in_use(folder: DataFolder) -> int | None:
    """The port that the running server wrote down: the fourth line of its pid file."""
    try:
        return int((folder.cluster / "postmaster.pid").read_text().split("\n")[3])
    except (OSError, ValueError, IndexError):
        return None


def _read_number(path: Path) -> int | None:
    try:
        return int(path.read_text())
    except (OSError, ValueError):
        return None


def _read_password(folder: DataFolder) -> str:
    try:
        return (folder.postgres / "password").read_text().strip()
    except OSError as error:
        raise EmbeddedError(f"The password of the embedded server cannot be read: {error}") from error
