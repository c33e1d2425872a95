"""Some weeks are played: without trouble nothing appears, with trouble everything does, and the books are right."""

import json
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from orderwright.cli.replaying import replay
from orderwright.kernel import clock, sql
from orderwright.kernel.errors import Invalid
from orderwright.orders.models import Order, Summary
from orderwright.replay.playing import Progress, Wish, play

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def test_without_trouble_all_of_it_arrives_in_time_and_no_exception_appears(weeks: int) -> None:
    before = Order.objects.count(), Summary.objects.filter(fulfilment="delivered").count()

    facts = play(Wish("retail", clean=True)).facts

    assert facts["orders"]["orders"] == weeks
    assert facts["stock"]["fill_rate"] == 1
    assert facts["promises"]["missed"] == 0
    assert facts["promises"]["kept"] > 0
    assert facts["packages"]["packages"] > 0
    assert [facts["packages"][name] for name in ("late", "failed_attempts", "lost", "returned")] == [0, 0, 0, 0]
    assert facts["fulfilment"]["rejected_for"] == {}
    assert facts["exceptions"] == {"appeared": {}, "cleared": {}, "standing": {}}
    assert facts["letters"]["order_confirmed"] == weeks
    assert set(facts["webhooks"]) == {"delivered"}
    assert facts["audit"]["wrong"] == {}
    assert (Order.objects.count(), Summary.objects.filter(fulfilment="delivered").count()) == before


def test_with_trouble_all_of_it_happens_and_the_books_are_right(weeks: int) -> None:
    _tell_the_carrier("lost", "returned", "late")

    facts = play(Wish("retail", seed=7)).facts

    assert facts["orders"]["orders"] == weeks
    assert facts["stock"]["units_backordered"] > 0
    assert 0.5 < facts["stock"]["fill_rate"] < 1
    assert facts["stock"]["mean_backorder_days"] > 0
    assert facts["fulfilment"]["split_rate"] > 0
    assert sum(facts["fulfilment"]["rejected_for"].values()) > 0
    assert facts["packages"]["late"] > 0
    assert facts["packages"]["lost"] > 0
    assert facts["packages"]["returned"] > 0
    assert facts["promises"]["missed"] > 0
    assert facts["promises"]["changed"] > 0
    assert facts["exceptions"]["appeared"]["parcel_lost"] > 0
    assert facts["audit"]["wrong"] == {}


def test_the_same_seed_plays_the_same(weeks: int) -> None:
    wish = Wish("retail", until=date(2010, 12, 8), seed=3)

    first, second = play(wish).facts, play(wish).facts

    assert first["stock"] == second["stock"]
    assert first["fulfilment"]["rejected_for"] == second["fulfilment"]["rejected_for"]


def test_it_stops_between_two_moments(weeks: int) -> None:
    told: list[Progress] = []

    facts = play(Wish("retail", clean=True), told.append, lambda: len(told) == 2).facts

    assert (facts["played"]["days"], facts["played"]["stopped"]) == (2, True)
    assert [one.day for one in told] == [date(2010, 12, 1), date(2010, 12, 2)]
    assert facts["orders"]["orders"] == 30
    assert facts["audit"]["wrong"] == {}


def test_days_without_orders_are_refused(weeks: int) -> None:
    with pytest.raises(Invalid, match="2010-12-01 to 2010-12-21"):
        play(Wish("retail", since=date(2012, 1, 1)))


def test_the_command_reports(weeks: int, tmp_path: Path) -> None:
    words = ["--from", "2010-12-01", "--to", "2010-12-03", "--speed", "max", "--report", str(tmp_path / "report.json")]

    result = CliRunner().invoke(replay, words)

    assert result.exit_code == 0, result.output
    report = json.loads((tmp_path / "report.json").read_text())
    assert report["played"]["days"] == 3
    assert report["orders"]["orders"] == 45
    assert "Orders\n" in result.output
    assert "_replay' orderwright run --no-demo" in result.output
    assert sql.value("SELECT current_database()").endswith("_replay") is False
    assert clock.now().year > 2020


@pytest.mark.parametrize("speed", ["fast", "0", "-1"])
def test_a_speed_that_is_none_is_refused(speed: str) -> None:
    result = CliRunner().invoke(replay, ["--speed", speed])

    assert result.exit_code == 2
    assert "--speed" in result.output


def _tell_the_carrier(*endings: str) -> None:
    """Let parcels to the first customers end like this: the fake carrier reads it in a company's name."""
    for number, ending in enumerate(endings):
        assert sql.run(NAME_COMPANY, [f"fake:end={ending}", number]) == 1


NAME_COMPANY = """
    UPDATE address SET company = %s
     WHERE id = (SELECT ship_to_id FROM orders WHERE ship_to_id IS NOT NULL ORDER BY id OFFSET %s::int LIMIT 1)
"""
