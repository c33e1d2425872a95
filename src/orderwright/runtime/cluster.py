"""What an embedded cluster is made of, and running PostgreSQL's own programs on it."""

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from orderwright.runtime.folders import DataFolder
from orderwright.runtime.system_user import SystemUser

ROLE = "orderwright"

SETTINGS = """\
# Written anew at every start. Put settings of your own into local.conf in the folder above this one.
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
password_encryption = 'scram-sha-256'
max_connections = 100
shared_buffers = '256MB'
effective_cache_size = '1GB'
random_page_cost = 1.1
wal_level = 'logical'
max_wal_size = '2GB'
checkpoint_timeout = '15min'
fsync = on
synchronous_commit = on
full_page_writes = on
jit = off
timezone = 'UTC'
log_timezone = 'UTC'
logging_collector = on
log_directory = '{log}'
log_filename = 'postgresql-%a.log'
log_rotation_age = '1d'
log_truncate_on_rotation = on
log_file_mode = 0640
include_if_exists '{local}'
"""

ACCESS = """\
# All comes over the loopback interface and with a password; an upgrade's own talk goes through a socket.
local all all scram-sha-256
host all all 127.0.0.1/32 scram-sha-256
host replication all 127.0.0.1/32 scram-sha-256
"""


class EmbeddedError(RuntimeError):
    """The embedded server cannot be made or started; the sentence says why and what to do."""


def make_cluster(folder: DataFolder, user: SystemUser, programs: Path, target: Path) -> None:
    """initdb: checksums, the builtin C.UTF-8 locale (the same order of text on every machine), our access rules."""
    options = ["-k", "-E", "UTF8", "--locale-provider=builtin", "--locale=C.UTF-8", "--builtin-locale=C.UTF-8"]
    password = folder.postgres / "password"
    run_as(
        user,
        [programs / "initdb", "-D", target, "-U", ROLE, *options, "-A", "scram-sha-256", f"--pwfile={password}"],
        folder,
    )
    with (target / "postgresql.conf").open("a") as file:
        file.write("\ninclude 'orderwright.conf'\n")
    write(target / "orderwright.conf", "", user, 0o600)
    write(target / "pg_hba.conf", ACCESS, user, 0o600)


def run_as(user: SystemUser, command: Sequence[str | Path], folder: DataFolder, **extra: str) -> None:
    """Run one of PostgreSQL's programs as the server's user, with a plain environment. Raises EmbeddedError.

    What it prints goes to a file, not to a pipe: a server that it starts would hold the pipe open for ever.
    """
    environment = {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "LC_ALL": "C", "TZ": "UTC", **extra}
    output = folder.postgres / "last-command.log"
    write(output, "", user, 0o600)
    with output.open("w") as file:
        done = subprocess.run(
            [str(word) for word in command],
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            cwd=folder.postgres,
            env=environment,
            umask=0o077,
            check=False,
            **user.popen_options(),
        )
    if done.returncode != 0:
        raise EmbeddedError(f"{Path(command[0]).name} failed:\n{output.read_text(errors='replace')}")


def write(path: Path, text: str, user: SystemUser, mode: int) -> None:
    """Write a small file whole or not at all, owned by the server's user."""
    unfinished = path.with_name(f"{path.name}.{os.getpid()}.new")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    user.own(unfinished, mode)
    unfinished.rename(path)
