"""`orderwright run`, `serve` and `worker`."""

import os
import sys

import click

from orderwright.runtime import supervisor


@click.command()
@click.option("--demo/--no-demo", default=True, help="Whether an empty database is filled with a small demo shop.")
def run(demo: bool) -> None:
    """Run the whole shop: the database, the web process and the worker; Ctrl-C stops it.

    It listens on port 8000, or the next free one (ORDERWRIGHT_PORT names another to begin with), and prints which.
    """
    try:
        supervisor.run(with_demo=demo)
    except supervisor.AlreadyRunning as refusal:
        raise click.ClickException(str(refusal)) from refusal


@click.command()
@click.option("--host", help="The address to listen on; ORDERWRIGHT_HOST, else 127.0.0.1.")
@click.option("--port", help="The port to listen on; ORDERWRIGHT_PORT, else 8000.")
def serve(host: str | None, port: str | None) -> None:
    """Run the web process only; the tables must be up to date."""
    if host is not None:
        os.environ["ORDERWRIGHT_HOST"] = host
    if port is not None:
        os.environ["ORDERWRIGHT_PORT"] = port
    _become("orderwright.runtime.web")


@click.command()
def worker() -> None:
    """Run the worker only: the queue and the timetable."""
    _become("orderwright.runtime.work")


def _become(module: str) -> None:
    """Put that module's process in the place of this one, command line and all."""
    os.execv(sys.executable, [sys.executable, "-m", module])
