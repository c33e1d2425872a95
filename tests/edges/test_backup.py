"""Backup and restore: all or nothing, audit clean after it, and feed readers go on where they were."""

import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from builders import a_shelf, an_order
from click.testing import CliRunner, Result
from django.db import connection
from servers import here, url_of

from orderwright.cli.main import main
from orderwright.flows.audit import audit
from orderwright.kernel import feed
from orderwright.orders.models import Order

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


@pytest.fixture
def other() -> Iterator[str]:
    """The name of another, empty database."""
    name = f"{here()}_restored"
    with psycopg.connect(url_of("postgres"), autocommit=True) as server:
        server.execute(f'CREATE DATABASE "{name}"')
        yield name
        server.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def moved(monkeypatch: pytest.MonkeyPatch) -> Iterator[pytest.MonkeyPatch]:
    """For tests that go over to another database: back again at the end."""
    yield monkeypatch
    connection.close()


def end() -> str:
    """The cursor behind all that happened, once nobody on the server still writes (autovacuum, another test)."""
    all_can_be_read()
    return feed.end()


def told_after(cursor: str) -> list[feed.Told]:
    """What the feed tells behind `cursor`, once all of it can be read."""
    all_can_be_read()
    return feed.read(cursor)


def all_can_be_read() -> None:
    until = time.monotonic() + 60
    while feed.lag_seconds():
        assert time.monotonic() < until
        time.sleep(0.01)


def orderwright(*words: str | Path) -> Result:
    return CliRunner().invoke(main, [str(word) for word in words])


def back_up(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", url_of(here()))
    result = orderwright("backup", file)
    assert result.exit_code == 0, result.output


def go_over_to(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """From here on, this process works on `database`."""
    connection.close()
    monkeypatch.setitem(connection.settings_dict, "NAME", database)


def test_restored_shop_is_whole_and_its_readers_go_on(other: str, moved: pytest.MonkeyPatch, tmp_path: Path) -> None:
    a_shelf("BERLIN", "TEE", 5)
    first = an_order().with_line("TEE", 2).placed()
    cursor = end()
    second = an_order().with_line("TEE", 1).placed()
    back_up(tmp_path / "shop.backup", moved)

    result = orderwright("restore", tmp_path / "shop.backup", "--into", url_of(other))

    assert result.exit_code == 0, result.output
    go_over_to(other, moved)
    assert list(Order.objects.order_by("id").values_list("number", flat=True)) == [first.number, second.number]
    assert [finding.check.name for finding in audit(connections=1) if finding.wrong] == []
    told = told_after(cursor)
    assert [event.order_id for event in told if event.kind == "order.placed"] == [second.id]
    assert told[-1].kind == "feed.epoch_began"
    third = an_order().with_line("TEE", 1).placed()
    assert [event.order_id for event in told_after(told[-1].cursor) if event.kind == "order.placed"] == [third.id]


def test_readers_ahead_of_the_backup_miss_nothing_that_happens_after_it(
    other: str, moved: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    a_shelf("BERLIN", "TEE", 5)
    back_up(tmp_path / "shop.backup", moved)
    an_order().with_line("TEE", 1).placed()
    ahead = end()

    assert orderwright("restore", tmp_path / "shop.backup", "--into", url_of(other)).exit_code == 0

    go_over_to(other, moved)
    again = an_order().with_line("TEE", 1).placed()
    placed = [event.order_id for event in told_after(ahead) if event.kind == "order.placed"]
    assert placed == [again.id]


def test_database_with_tables_is_refused_unless_they_may_go(
    other: str, moved: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    a_shelf("BERLIN", "TEE", 5)
    back_up(tmp_path / "shop.backup", moved)
    with psycopg.connect(url_of(other)) as elsewhere:
        elsewhere.execute("CREATE TABLE precious AS SELECT 1 AS thing")

    refused = orderwright("restore", tmp_path / "shop.backup", "--into", url_of(other))

    assert refused.exit_code == 1
    assert "The database holds 1 tables." in refused.output
    with psycopg.connect(url_of(other)) as elsewhere:
        assert elsewhere.execute("SELECT thing FROM precious").fetchone() == (1,)

    replaced = orderwright("restore", tmp_path / "shop.backup", "--into", url_of(other), "--replace")

    assert replaced.exit_code == 0, replaced.output
    with psycopg.connect(url_of(other)) as elsewhere:
        assert elsewhere.execute("SELECT to_regclass('precious') IS NULL, to_regclass('event') IS NULL").fetchone() == (
            True,
            False,
        )


def test_backup_that_is_cut_off_restores_nothing(other: str, moved: pytest.MonkeyPatch, tmp_path: Path) -> None:
    a_shelf("BERLIN", "TEE", 5)
    back_up(tmp_path / "shop.backup", moved)
    whole = (tmp_path / "shop.backup").read_bytes()
    (tmp_path / "half.backup").write_bytes(whole[: len(whole) * 3 // 4])
    with psycopg.connect(url_of(other)) as elsewhere:
        elsewhere.execute("CREATE TABLE precious AS SELECT 1 AS thing")

    failed = orderwright("restore", tmp_path / "half.backup", "--into", url_of(other), "--replace")

    assert failed.exit_code == 1
    assert "the database is as it was" in failed.output
    with psycopg.connect(url_of(other)) as elsewhere:
        assert elsewhere.execute("SELECT thing FROM precious").fetchone() == (1,)


def test_shop_that_works_is_not_replaced(other: str, moved: pytest.MonkeyPatch, tmp_path: Path) -> None:
    back_up(tmp_path / "shop.backup", moved)
    with psycopg.connect(url_of(other)) as elsewhere:
        elsewhere.execute("CREATE TABLE precious AS SELECT 1 AS thing")
        elsewhere.commit()
        elsewhere.execute("INSERT INTO precious VALUES (2)")

        failed = orderwright("restore", tmp_path / "shop.backup", "--into", url_of(other), "--replace")

        assert failed.exit_code == 1
        assert "lock timeout" in failed.output
        elsewhere.commit()
        assert elsewhere.execute("SELECT count(*) FROM precious").fetchone() == (2,)


def test_backup_never_overwrites_and_is_for_its_owner_only(moved: pytest.MonkeyPatch, tmp_path: Path) -> None:
    back_up(tmp_path / "shop.backup", moved)
    before = (tmp_path / "shop.backup").read_bytes()

    again = orderwright("backup", tmp_path / "shop.backup")

    assert again.exit_code == 1
    assert "is there already" in again.output
    assert (tmp_path / "shop.backup").read_bytes() == before
    assert (tmp_path / "shop.backup").stat().st_mode & 0o777 == 0o600
    assert [file.name for file in tmp_path.iterdir()] == ["shop.backup"]


def test_database_that_cannot_be_reached_is_said_without_its_password(
    moved: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    moved.setenv("DATABASE_URL", "postgresql://anna:geheim@127.0.0.1:1/shop")

    failed = orderwright("backup", tmp_path / "shop.backup")

    assert failed.exit_code == 1
    assert "Connection refused" in failed.output
    assert "geheim" not in failed.output
    assert list(tmp_path.iterdir()) == []
