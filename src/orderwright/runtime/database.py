"""Which database the program works on: the one that DATABASE_URL names, else the embedded one."""

import os
from pathlib import Path

from orderwright.runtime.embedded import ensure_running


def database_url(data: Path | None = None) -> str:
    """DATABASE_URL when it is set, else the URL of the embedded server, which is started for it."""
    return os.environ.get("DATABASE_URL") or ensure_running(data).url


def provide(data: Path | None = None) -> str:
    """Put the database's URL into the environment, where the settings read it. To be called before Django wakes."""
    url = database_url(data)
    os.environ["DATABASE_URL"] = url
    return url
