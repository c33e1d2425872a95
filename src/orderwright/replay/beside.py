"""A database of its own for the play, beside the shop's on the same server: the shop itself is only read."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import psycopg
from django.core.management import call_command
from django.db import connection

from orderwright.kernel import sql

SUFFIX = "_replay"

Shop = psycopg.Connection[Any]


@contextmanager
def beside() -> Iterator[Shop]:
    """Inside, this process works on a new database, empty but for its tables; brings a connection that reads the shop.

    What was played before is thrown away at the beginning, and what is played now stays there at the end.
    """
    named = connection.settings_dict
    shop, play = str(named["NAME"]), play_name(str(named["NAME"]))
    parameters = {
        name: value
        for name, value in connection.get_connection_params().items()
        if name not in ("cursor_factory", "context", "server_side_binding")
    }
    with closing(psycopg.connect(**parameters, autocommit=True)) as reading:
        reading.execute("SET default_transaction_read_only = on")
        _make_anew(play)
        connection.close()
        named["NAME"] = play
        try:
            call_command("migrate", interactive=False, verbosity=0)
            yield reading
        finally:
            connection.close()
            named["NAME"] = shop


def play_name(shop: str) -> str:
    """What the database of a play of this shop is called; PostgreSQL cuts names after 63 bytes."""
    return f"{shop[: 63 - len(SUFFIX)]}{SUFFIX}"


def _make_anew(play: str) -> None:
    """A crash may cost the last moments of a play: commits need not wait for the disk."""
    name = connection.ops.quote_name(play)
    sql.run(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    sql.run(f"CREATE DATABASE {name}")
    sql.run(f"ALTER DATABASE {name} SET synchronous_commit = off")
    sql.run(f"ALTER DATABASE {name} SET jit = off")
