"""Backup and restore of the whole database, with PostgreSQL's own programs.

A backup is one consistent picture, taken while the shop works (pg_dump, custom format). A restore is one transaction:
either the database then holds the backup, or it is what it was before.
"""

import os
import shutil
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path
from urllib.parse import unquote, urlsplit, urlunsplit

from orderwright.runtime.binaries import client_program, wheel_bin

NEWER_THAN_SOME_SERVERS = b"SET transaction_timeout"
HEAD_LINES = 40


class BackupRefused(RuntimeError):
    """A backup or restore that was not done; the sentence says why."""


def back_up(url: str, file: Path) -> None:
    """Write the database that `url` names to `file`, readable by its owner only. Raises BackupRefused.

    The file appears when it is whole. One that is there already is refused.
    """
    if file.exists():
        raise BackupRefused(f"{file} is there already; a backup never overwrites another.")
    unfinished = file.with_name(f"{file.name}.{os.getpid()}.unfinished")
    program = client_program("pg_dump", server_major(url))
    plain, environment = connection(url)
    try:
        os.close(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        command = [str(program), "--format=custom", "--no-owner", "--no-privileges", f"--file={unfinished}", plain]
        done = subprocess.run(command, stderr=subprocess.PIPE, env=environment, check=False)
        if done.returncode != 0:
            raise BackupRefused(f"pg_dump failed:\n{done.stderr.decode(errors='replace')}")
        unfinished.rename(file)
    except OSError as error:
        raise BackupRefused(f"The backup cannot be written: {error}") from error
    finally:
        unfinished.unlink(missing_ok=True)


def restore(file: Path, url: str, *, replace: bool) -> None:
    """Read the backup in `file` into the database that `url` names. Raises BackupRefused.

    The database must be empty; with `replace` what is in it is thrown away, in the same transaction.
    """
    if not file.is_file():
        raise BackupRefused(f"There is no file {file}.")
    tables = query(url, COUNT_TABLES)
    if tables != "0" and not replace:
        raise BackupRefused(
            f"The database holds {tables} tables. Restore into an empty one, or say --replace to throw these away."
        )
    plain, environment = connection(url)
    with tempfile.TemporaryFile() as complaints:
        script = subprocess.Popen(
            [wheel_bin() / "pg_restore", "--no-owner", "--no-privileges", "-f", "-", file],
            stdout=subprocess.PIPE,
            stderr=complaints,
        )
        psql = subprocess.Popen(
            [wheel_bin() / "psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", plain],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=complaints,
            env=environment,
        )
        whole = _pour(script, psql)
        if not whole or psql.returncode != 0:
            complaints.seek(0)
            said = complaints.read().decode(errors="replace")
            raise BackupRefused(f"The restore failed, and the database is as it was:\n{said}")
    query(url, "ANALYZE")


def _pour(script: subprocess.Popen[bytes], psql: subprocess.Popen[bytes]) -> bool:
    """Pour the script into psql between BEGIN and COMMIT; answers whether all of it went in.

    COMMIT is said only once the script is known to be whole: one that breaks off is rolled back.
    """
    assert script.stdout is not None
    assert psql.stdin is not None
    try:
        psql.stdin.write(f"{BEGIN}\n{EMPTY_DATABASE}\n".encode())
        for _ in range(HEAD_LINES):
            line = script.stdout.readline()
            if not line.startswith(NEWER_THAN_SOME_SERVERS):
                psql.stdin.write(line)
        shutil.copyfileobj(script.stdout, psql.stdin, 1 << 20)
        whole = script.wait() == 0
        if whole:
            psql.stdin.write(b"\nCOMMIT;\n")
        psql.stdin.flush()
    except BrokenPipeError:
        script.kill()
        whole = False
    with suppress(BrokenPipeError):
        psql.stdin.close()
    script.stdout.close()
    script.wait()
    psql.wait()
    return whole


def server_major(url: str) -> int:
    """The major version of the server."""
    return int(query(url, "SHOW server_version_num")) // 10000


def query(url: str, sql: str) -> str:
    """What psql prints for one statement, unaligned. Raises BackupRefused when the database cannot be asked."""
    plain, environment = connection(url)
    command = [str(wheel_bin() / "psql"), "-X", "-A", "-t", "-q", "-v", "ON_ERROR_STOP=1", "-d", plain, "-c", sql]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    if done.returncode != 0:
        raise BackupRefused(done.stderr.strip())
    return done.stdout.strip()


def connection(url: str) -> tuple[str, dict[str, str]]:
    """The URL without its password, and an environment that holds it: a command line can be read by everybody."""
    parts = urlsplit(url)
    environment = {**os.environ, "PGCONNECT_TIMEOUT": "10"}
    if parts.password is not None:
        environment["PGPASSWORD"] = unquote(parts.password)
    user, at, place = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(netloc=user.split(":")[0] + at + place)), environment


COUNT_TABLES = """
    SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'p') AND n.nspname <> 'information_schema' AND n.nspname NOT LIKE 'pg\\_%'
"""

BEGIN = "BEGIN; SET LOCAL client_min_messages = warning; SET LOCAL lock_timeout = '10s';"

# Every schema that is not PostgreSQL's own; `public` is then made as a new database has it.
EMPTY_DATABASE = """
DO $$
DECLARE name text;
BEGIN
    FOR name IN
        SELECT nspname FROM pg_namespace WHERE nspname <> 'information_schema' AND nspname NOT LIKE 'pg\\_%'
    LOOP
        EXECUTE format('DROP SCHEMA %I CASCADE', name);
    END LOOP;
END $$;
CREATE SCHEMA public AUTHORIZATION pg_database_owner;
GRANT USAGE ON SCHEMA public TO PUBLIC;
"""
