"""The database of the test run, and what every test may use.

The suite runs on a real PostgreSQL. With DATABASE_URL in the environment it is that server (15 or newer; the role must
be allowed to create databases). Without, it is the embedded one in ORDERWRIGHT_DATA, or, when that is unset too, in a
data folder of the tests' own, so that a shop that runs beside is not disturbed. Each xdist worker has its own database,
and its own embedded server: the feed stops below the oldest open transaction of its server, whoever's that is. Of
outside servers there may be one for each worker too: DATABASE_URL_GW0, DATABASE_URL_GW1 … come before DATABASE_URL.
For the same reason PostgreSQL analyses no tables by itself in servers that are only the tests'; and these wait for no
disk.

The settings read DATABASE_URL as they are imported, so it is set while this file is: before Django is set up.
"""

import os
from collections.abc import Iterator

import django
import pytest
from django.db import connection
from django.test.utils import setup_databases, teardown_databases
from pytest_django import DjangoDbBlocker

from orderwright.runtime.embedded import Server, ensure_running, running_pid
from orderwright.runtime.folders import data_folder, default_root, make_root

ONLY_TESTS = """\
autovacuum_analyze_threshold = 2147483647  # an ANALYZE in the background would hold the feed back
fsync = off  # these data need not survive the machine (tests of crashes use servers of their own)
"""
EMBEDDED = "ORDERWRIGHT_TESTS_ON_EMBEDDED"  # tells workers that the URL which they inherit was not named by anybody


def _provide_database() -> Server | None:
    """Name the database in the environment; answers the embedded server when it is ours to stop.

    Workers inherit what the process that started them had put there, but start servers of their own.
    """
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    own = os.environ.get(f"DATABASE_URL_{worker.upper()}")
    if own:
        os.environ["DATABASE_URL"] = own
    if os.environ.get("DATABASE_URL") and EMBEDDED not in os.environ:
        return None
    os.environ[EMBEDDED] = "1"
    ours_only = bool(worker) or "ORDERWRIGHT_DATA" not in os.environ
    os.environ.setdefault("ORDERWRIGHT_DATA", str(default_root().with_name("orderwright-test")))
    if worker:
        os.environ["ORDERWRIGHT_DATA"] = str(data_folder().root / "workers" / worker)
    if ours_only:
        make_root(data_folder())
        data_folder().postgres.mkdir(exist_ok=True)
        (data_folder().postgres / "local.conf").write_text(ONLY_TESTS)
    was_running = running_pid(data_folder()) is not None
    server = ensure_running()
    os.environ["DATABASE_URL"] = server.url
    return None if was_running else server


STARTED = _provide_database()
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "orderwright.settings")
django.setup()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What kills processes and waits for them begins first: one worker waits while the others work."""
    items.sort(key=lambda item: item.get_closest_marker("faults") is None)


def pytest_unconfigure() -> None:
    """Stop the server if this run started it and nobody else has come to use it."""
    if STARTED is None or not STARTED.alive():
        return
    others = "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
    if STARTED.query(others) == "0":
        STARTED.stop()


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None, django_db_modify_db_settings: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[None]:
    """The database of the tests, for every test that asks for it: pytest-django's own makes none where none is marked,
    and a process that a test starts would then work on the database that DATABASE_URL names.

    Commits need not wait for the disk, and nothing is compiled that runs for a moment (tests of crashes use other
    servers).
    """
    with django_db_blocker.unblock():
        made = setup_databases(verbosity=0, interactive=False, aliases={"default"}, serialized_aliases=set())
        with connection.cursor() as cursor:
            name = connection.ops.quote_name(connection.settings_dict["NAME"])
            cursor.execute(f"ALTER DATABASE {name} SET synchronous_commit = off")
            cursor.execute(f"ALTER DATABASE {name} SET jit = off")
        connection.close()
    yield
    with django_db_blocker.unblock():
        teardown_databases(made, verbosity=0)
