"""The data folder: where it is, and what lies where in it.

ORDERWRIGHT_DATA/
  demo-key               the demo shop's API key, mode 0600
  run/                   who runs here: records of our processes
  postgres/
    lock                 held while a server is started or stopped
    version              the wheel's version that last ran these data ("18.6.3")
    port  password       of the server; they stay the same for ever, if the port stays free
    programs/18.6.3/     copies of PostgreSQL's programs, old majors too
    cluster/             PostgreSQL's own data directory
    log/                 one file a weekday
    local.conf           settings of your own for this server, when you write one
"""

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class DataFolder:
    """The paths inside one data folder."""

    root: Path

    @property
    def postgres(self) -> Path:
        """All that is the embedded server's."""
        return self.root / "postgres"

    @property
    def cluster(self) -> Path:
        """PostgreSQL's data directory."""
        return self.postgres / "cluster"

    @property
    def programs(self) -> Path:
        """The copies of PostgreSQL's programs."""
        return self.postgres / "programs"

    @property
    def log(self) -> Path:
        """The server's log files."""
        return self.postgres / "log"

    @property
    def run(self) -> Path:
        """The records of our running processes."""
        return self.root / "run"

    @property
    def demo_key(self) -> Path:
        """The file with the demo shop's API key."""
        return self.root / "demo-key"

    @property
    def demo_password(self) -> Path:
        """The file with the password of the people who work in the demo shop."""
        return self.root / "demo-password"


def default_root() -> Path:
    """Where data lie when nobody says: /var/lib for root, the XDG data home for others."""
    if os.geteuid() == 0:
        return Path("/var/lib/orderwright")
    home = os.environ.get("XDG_DATA_HOME", "")
    base = Path(home) if Path(home).is_absolute() else Path.home() / ".local" / "share"
    return base / "orderwright"


def make_root(folder: DataFolder) -> None:
    """Make the data folder unless it is there: ours alone; under root, the server's own user must be able to enter."""
    if not folder.root.is_dir():
        folder.root.mkdir(parents=True)
        folder.root.chmod(0o755 if os.geteuid() == 0 else 0o700)


def data_folder(named: Path | None = None) -> DataFolder:
    """The data folder: the one named, else ORDERWRIGHT_DATA, else the default."""
    text = os.environ.get("ORDERWRIGHT_DATA", "")
    if named is None:
        named = Path(text).expanduser() if text else default_root()
    return DataFolder(named.absolute())
