"""The command line: every row of the table leads somewhere, and what watches the shop stays light."""

import importlib
import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from orderwright.cli.main import COMMANDS, main

WATCHER = """
import sys
import orderwright.cli.main, orderwright.cli.running
print(sorted({"django", "psycopg", "asyncio", "granian"} & set(sys.modules)))
"""


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_is_where_the_table_says_and_explains_itself(name: str) -> None:
    row = COMMANDS[name]
    module, attribute = row.target.split(":")

    command = getattr(importlib.import_module(module), attribute)

    assert isinstance(command, click.Command)
    assert command.help
    assert row.sentence.endswith(".")


def test_help_lists_all_commands_in_a_process_that_loads_none() -> None:
    said = CliRunner().invoke(main, ["--help"]).output

    listed = [
        line.split()[0]
        for line in said.split("Commands:\n")[1].splitlines()
        if line.startswith("  ") and line[2] != " "
    ]
    assert listed == list(COMMANDS)


def test_the_process_that_watches_the_others_loads_neither_django_nor_a_driver() -> None:
    loaded = subprocess.run([sys.executable, "-c", WATCHER], capture_output=True, text=True, check=True)

    assert loaded.stdout == "[]\n"


def test_unknown_command_is_refused() -> None:
    refused = CliRunner().invoke(main, ["shipp"])

    assert refused.exit_code == 2
    assert "No such command 'shipp'" in refused.output
