"""`orderwright keys`: what an operator types."""

import pytest
from click.testing import CliRunner

from orderwright.cli.keys import keys as command
from orderwright.staff import keys
from orderwright.staff.permissions import SCOPES

pytestmark = pytest.mark.django_db


def test_a_key_is_issued_listed_and_revoked() -> None:
    issued = CliRunner().invoke(command, ["issue", "shop", "--scope", "orders:write", "--scope", "orders:read"])
    token = issued.stdout.strip()
    client = keys.client_for(token)
    assert client is not None
    listed = CliRunner().invoke(command, ["list"])
    revoked = CliRunner().invoke(command, ["revoke", str(client.id)])
    keys.forget_remembered()

    assert (issued.exit_code, listed.exit_code, revoked.exit_code) == (0, 0, 0)
    assert client.scopes == {"orders:write", "orders:read"}
    assert "shop  6000 calls/min  orders:read orders:write" in listed.stdout
    assert token not in listed.stdout
    assert revoked.stdout == f"Key {client.id} (shop) is revoked.\n"
    assert keys.client_for(token) is None
    assert "shop  revoked " in CliRunner().invoke(command, ["list"]).stdout


def test_all_scopes_at_once_and_a_rate_of_its_own() -> None:
    token = CliRunner().invoke(command, ["issue", "bench", "--scope", "all", "--calls-per-minute", "60"]).stdout.strip()

    client = keys.client_for(token)

    assert client is not None
    assert (len(client.scopes), client.calls_per_minute) == (len(SCOPES), 60)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["issue", "shop"], "Missing option '--scope'"),
        (["issue", "shop", "--scope", "orders:burn"], "'orders:burn' is not one of"),
        (["issue", " ", "--scope", "all"], "name: one to a hundred characters are needed (invalid)"),
        (["issue", "shop", "--scope", "all", "--calls-per-minute", "0"], "calls_per_minute: must be at least 1"),
        (["revoke", "123456789"], "There is no key 123456789. (not_found)"),
        (["revoke", "0"], "0 is not in the range"),
    ],
)
def test_what_cannot_be_is_said_in_a_sentence(words: list[str], said: str) -> None:
    result = CliRunner().invoke(command, words)

    assert result.exit_code != 0
    assert said in result.output
    assert not keys.listed()
