"""The embedded PostgreSQL: made once, joined by many, started again after every kind of death."""

import os
import pwd
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import psycopg
import pytest

from orderwright.runtime.cluster import EmbeddedError
from orderwright.runtime.embedded import Server, ensure_database, ensure_running
from orderwright.runtime.folders import data_folder, default_root

pytestmark = pytest.mark.slow

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can be somebody else")


def test_first_start_makes_a_durable_server_with_a_password(data: Path) -> None:
    server = ensure_running(data)

    with psycopg.connect(server.url) as connection:
        assert connection.execute("SELECT current_database()").fetchone() == ("orderwright",)
        assert _setting(connection, "fsync") == "on"
        assert _setting(connection, "synchronous_commit") == "on"
        assert _setting(connection, "data_checksums") == "on"
        assert _setting(connection, "wal_level") == "logical"
        assert _setting(connection, "listen_addresses") == "127.0.0.1"
        locale = "SELECT datlocprovider, datlocale FROM pg_database WHERE datname = 'orderwright'"
        assert connection.execute(locale).fetchone() == ("b", "C.UTF-8")
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(server.url.replace(server.password, "guess"))
    assert (data / "postgres" / "password").stat().st_mode & 0o777 == 0o600


def test_second_start_joins_the_first(data: Path) -> None:
    first = ensure_running(data)

    second = ensure_running(data)

    assert second == first
    assert second.pid() == first.pid()


def test_other_databases_are_made_once(data: Path) -> None:
    server = ensure_running(data)

    ensure_database(server, 'second "shop"')
    ensure_database(server, 'second "shop"')

    assert server.query("SELECT current_database()", 'second "shop"') == 'second "shop"'


def test_killed_server_comes_back_on_its_port_with_all_that_was_committed(data: Path) -> None:
    server = ensure_running(data)
    server.query("CREATE TABLE kept AS SELECT 47 AS units")
    killed = server.pid()
    assert killed is not None

    os.kill(killed, signal.SIGKILL)

    assert not server.alive()
    again = ensure_running(data)
    assert again.alive()
    assert again.pid() != killed
    assert again.url == server.url
    assert again.query("SELECT units FROM kept") == "47"


def test_many_starters_at_once_share_one_server(data: Path) -> None:
    script = "from orderwright.runtime.embedded import ensure_running as e; s = e(); print(s.url, s.pid())"
    environment = {**os.environ, "ORDERWRIGHT_DATA": str(data)}

    starters = [
        subprocess.Popen([sys.executable, "-c", script], env=environment, stdout=subprocess.PIPE, text=True)
        for _ in range(4)
    ]

    said = {starter.communicate()[0] for starter in starters}
    assert said == {f"{ensure_running(data).url} {ensure_running(data).pid()}\n"}


def test_pid_file_left_over_and_taken_by_another_program_is_not_believed(data: Path) -> None:
    server = ensure_running(data)
    pid_file = server.folder.cluster / "postmaster.pid"
    text = pid_file.read_text()
    server.stop()
    pid_file.write_text(f"{os.getpid()}\n" + text.split("\n", 1)[1])

    assert server.pid() is None
    assert ensure_running(data).alive()


def test_another_port_is_taken_when_ours_is_gone(data: Path) -> None:
    server = ensure_running(data)
    server.stop()

    with socket.create_server(("127.0.0.1", server.port)):
        moved = ensure_running(data)

    assert moved.port != server.port
    assert moved.alive()


def test_local_settings_are_read(data: Path) -> None:
    server = ensure_running(data)
    server.stop()
    (data / "postgres" / "local.conf").write_text("work_mem = '7MB'\n")

    assert ensure_running(data).query("SHOW work_mem") == "7MB"


def test_server_that_cannot_start_says_why(data: Path) -> None:
    ensure_running(data).stop()
    (data / "postgres" / "local.conf").write_text("no_such_setting = 1\n")

    with pytest.raises(EmbeddedError, match="no_such_setting"):
        ensure_running(data)


def test_stop_is_clean_and_may_be_said_twice(data: Path) -> None:
    server = ensure_running(data)

    server.stop()
    server.stop()

    assert not server.alive()
    assert not (data / "postgres" / "cluster" / "postmaster.pid").exists()


@as_root
def test_under_root_the_server_runs_as_a_user_of_its_own(data: Path) -> None:
    server = ensure_running(data)

    pid = server.pid()

    assert Path(f"/proc/{pid}").stat().st_uid != 0
    assert pwd.getpwuid(Path(f"/proc/{pid}").stat().st_uid).pw_name in {"orderwright", "nobody"}


@as_root
def test_under_root_the_folder_is_made_so_that_its_user_may_enter(data: Path) -> None:
    before = os.umask(0o077)
    try:
        server = ensure_running(data / "made")
    finally:
        os.umask(before)

    assert server.alive()
    server.stop()


@as_root
def test_under_root_a_folder_that_the_servers_user_cannot_reach_is_refused_in_words() -> None:
    with tempfile.TemporaryDirectory() as closed:
        inside = Path(closed) / "data"

        with pytest.raises(EmbeddedError, match=r"may not enter .* ORDERWRIGHT_DATA"):
            ensure_running(inside)

        assert not (inside / "postgres" / "cluster").exists()


@as_root
def test_an_ordinary_user_has_a_server_too(data: Path) -> None:
    nobody = pwd.getpwnam("nobody")
    os.chown(data, nobody.pw_uid, nobody.pw_gid)

    child = os.fork()
    if child == 0:
        _become_and_start(nobody, data)
    _, status = os.waitpid(child, 0)

    assert os.waitstatus_to_exitcode(status) == 0
    server = ensure_running(data)
    assert Path(f"/proc/{server.pid()}").stat().st_uid == nobody.pw_uid
    assert (data / "postgres").stat().st_uid == nobody.pw_uid


def test_data_lie_where_they_are_told_or_where_the_system_keeps_such(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORDERWRIGHT_DATA", "/srv/shop")
    assert data_folder().root == Path("/srv/shop")

    monkeypatch.delenv("ORDERWRIGHT_DATA")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert default_root() == Path("/var/lib/orderwright")

    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setenv("XDG_DATA_HOME", "/home/anna/.data")
    assert default_root() == Path("/home/anna/.data/orderwright")
    monkeypatch.delenv("XDG_DATA_HOME")
    monkeypatch.setenv("HOME", "/home/anna")
    assert default_root() == Path("/home/anna/.local/share/orderwright")


def _setting(connection: psycopg.Connection, name: str) -> str:
    (value,) = connection.execute("SELECT current_setting(%s)", [name]).fetchone() or ("",)
    return str(value)


def _become_and_start(user: pwd.struct_passwd, data: Path) -> None:
    """In a forked child: start a server as `user`; the exit code tells whether that worked."""
    code = 1
    try:
        os.setgroups([])
        os.setgid(user.pw_gid)
        os.setuid(user.pw_uid)
        os.chdir("/")
        server: Server = ensure_running(data)
        code = 0 if server.query("SELECT 1") == "1" else 2
    finally:
        os._exit(code)
