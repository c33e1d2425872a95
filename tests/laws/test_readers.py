"""The law of readers: each event is dealt with exactly once, whatever happens to whoever deals with it."""

import threading
from collections.abc import Sequence

import pytest
from django.db import connection, transaction
from shelves import wait_for_the_log

from orderwright.kernel import feed, sql
from orderwright.kernel.actors import system
from orderwright.kernel.events import Happening, record
from orderwright.kernel.feed import Told
from orderwright.kernel.readers import begin_at_end, read_on, read_once

pytestmark = pytest.mark.django_db(transaction=True)

READER = "law.reader"


def happen(*kinds: str) -> None:
    with transaction.atomic():
        record([Happening(kind, system("law"), {"at": index}) for index, kind in enumerate(kinds)])
    wait_for_the_log()


def test_reads_on_to_the_end_in_portions_and_then_nothing():
    happen(*["law.passed"] * 7)
    portions: list[int] = []

    read = read_on(READER, lambda told: portions.append(len(told)), limit=3)

    assert (read, portions) == (7, [3, 3, 1])
    assert read_on(READER, lambda told: portions.append(len(told)), limit=3) == 0
    assert portions == [3, 3, 1]


def test_work_that_fails_is_done_again_and_leaves_nothing_behind():
    happen("law.passed", "law.broken")

    def fail(told: Sequence[Told]) -> None:
        record([Happening("law.followed", system("law"), {})])
        raise RuntimeError("killed in the middle")

    with pytest.raises(RuntimeError, match="in the middle"):
        read_once(READER, fail)

    seen: list[str] = []
    assert read_once(READER, lambda told: seen.extend(one.kind for one in told)) == 2
    assert seen == ["law.passed", "law.broken"]


def test_a_reader_of_some_kinds_passes_over_the_others_and_misses_none():
    happen("law.passed", "other.kind", "law.broken", "other.kind")
    seen: list[str] = []

    def note(told: Sequence[Told]) -> None:
        seen.extend(one.kind for one in told)

    assert read_on(READER, note, kinds=["law.*"]) == 2
    assert sql.value("SELECT cursor FROM reader_position WHERE reader = %s", [READER]) == feed.end()
    happen("other.kind", "law.mended")
    assert read_on(READER, note, kinds=["law.*"]) == 1

    assert seen == ["law.passed", "law.broken", "law.mended"]


def test_two_readers_of_one_name_share_the_events():
    happen(*["law.passed"] * 40)
    seen: list[int] = []

    def read() -> None:
        try:
            read_on(READER, lambda told: seen.extend(one.id for one in told), limit=4)
        finally:
            connection.close()

    threads = [threading.Thread(target=read) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(seen) == 40
    assert len(set(seen)) == 40


def test_a_reader_that_comes_to_a_shop_with_a_past_begins_behind_it():
    happen("law.passed")
    seen: list[str] = []

    begin_at_end(READER)
    happen("law.mended")
    read_on(READER, lambda told: seen.extend(one.kind for one in told))

    assert seen == ["law.mended"]
