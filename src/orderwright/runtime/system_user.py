"""The user that the embedded PostgreSQL runs as: ourselves, or, since PostgreSQL refuses root, one made for it."""

import os
import pwd
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

NAME = "orderwright"
NOBODY = 65534


@dataclass(frozen=True)
class SystemUser:
    """Whom to run a program as. `switch` is false when that is whom we are already."""

    uid: int
    gid: int
    switch: bool

    def popen_options(self) -> dict[str, Any]:
        """The options of `subprocess.run` that make the program run as this user."""
        return {"user": self.uid, "group": self.gid, "extra_groups": []} if self.switch else {}

    def own(self, path: Path, mode: int | None = None) -> None:
        """Give `path` to this user, with `mode` when one is named."""
        if self.switch:
            os.chown(path, self.uid, self.gid)
        if mode is not None:
            os.chmod(path, mode)

    def may_enter(self, folder: Path) -> bool:
        """Whether this user can reach `folder`: every folder above it must let it through."""
        if not self.switch:
            return os.access(folder, os.X_OK | os.R_OK)
        look = ["/bin/ls", str(folder)]
        return subprocess.run(look, capture_output=True, cwd="/", check=False, **self.popen_options()).returncode == 0


def server_user(cluster: Path) -> SystemUser:
    """Whom the server of the data in `cluster` runs as.

    An ordinary user is it themselves. Root takes the owner of data that are there, else the user `orderwright`,
    which is made when missing; where no user can be made, `nobody`.
    """
    if os.geteuid() != 0:
        return SystemUser(os.geteuid(), os.getegid(), switch=False)
    if cluster.is_dir() and cluster.stat().st_uid != 0:
        owner = cluster.stat()
        return SystemUser(owner.st_uid, owner.st_gid, switch=True)
    for name in (NAME, "nobody"):
        if name == NAME and not _known(NAME):
            _make(NAME)
        if _known(name):
            entry = pwd.getpwnam(name)
            return SystemUser(entry.pw_uid, entry.pw_gid, switch=True)
    return SystemUser(NOBODY, NOBODY, switch=True)


def _known(name: str) -> bool:
    try:
        pwd.getpwnam(name)
    except KeyError:
        return False
    return True


def _make(name: str) -> None:
    """Make a system user with whichever of the two usual programs is there; failing is allowed, the caller looks."""
    nologin = shutil.which("nologin") or "/usr/sbin/nologin"
    ways = [
        ["useradd", "--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent", "--shell", nologin],
        ["adduser", "-S", "-D", "-H"],
    ]
    for way in ways:
        program = shutil.which(way[0]) or shutil.which(way[0], path="/usr/sbin:/sbin")
        if program is not None:
            subprocess.run([program, *way[1:], name], capture_output=True, check=False)
        if _known(name):
            return
