"""Locations are set up once, and edited by whoever has seen the newest version."""

import pytest
from shelves import CLERK, happened

from orderwright.inventory.locating import LocationTaken, Place, create_location, edit_location
from orderwright.inventory.models import Location
from orderwright.kernel.errors import Invalid, NotFound, Stale
from orderwright.kernel.models import Event

pytestmark = pytest.mark.django_db
BERLIN = Place(name="Berlin", country="DE", city="Berlin", latitude=52.52, longitude=13.4, time_zone="Europe/Berlin")


def test_a_location_is_what_was_said_and_the_log_tells_it():
    location = create_location("BER", BERLIN, actor=CLERK)

    assert (location.code, location.name, location.rank, location.active, location.version) == (
        "BER",
        "Berlin",
        100,
        True,
        1,
    )
    assert Event.objects.get().facts["location"] == "BER"
    assert Event.objects.get().facts["time_zone"] == "Europe/Berlin"


def test_a_code_is_given_once():
    create_location("BER", BERLIN, actor=CLERK)

    with pytest.raises(LocationTaken):
        create_location("BER", Place(name="Bern"), actor=CLERK)

    assert Location.objects.get().name == "Berlin"
    assert happened() == ["location.created"]


def test_an_edit_makes_a_version_and_tells_what_is_new():
    create_location("BER", BERLIN, actor=CLERK)

    edited = edit_location("BER", {"active": False, "city": "Berlin"}, seen=1, actor=CLERK)

    assert (edited.active, edited.version) == (False, 2)
    assert Event.objects.latest("id").facts == {"location": "BER", "version": 2, "active": False}


def test_who_has_seen_an_older_version_changes_nothing():
    create_location("BER", BERLIN, actor=CLERK)
    edit_location("BER", {"rank": 1}, seen=None, actor=CLERK)

    with pytest.raises(Stale) as refused:
        edit_location("BER", {"rank": 2}, seen=1, actor=CLERK)

    assert refused.value.facts["version"] == 2
    assert Location.objects.get().rank == 1
    assert happened() == ["location.created", "location.edited"]


def test_an_edit_that_changes_nothing_is_no_edit():
    create_location("BER", BERLIN, actor=CLERK)

    assert edit_location("BER", {"rank": 100}, seen=1, actor=CLERK).version == 1

    assert happened() == ["location.created"]


def test_an_unknown_location_is_not_edited():
    with pytest.raises(NotFound):
        edit_location("BER", {"rank": 1}, seen=None, actor=CLERK)


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": " "},
        {"latitude": None},
        {"latitude": 91.0},
        {"longitude": -180.5},
        {"country": "de"},
        {"country": "DEU"},
        {"time_zone": "Europe/Atlantis"},
    ],
)
def test_what_cannot_be_is_refused_when_set_up_and_when_edited(wrong):
    create_location("BER", BERLIN, actor=CLERK)

    with pytest.raises(Invalid):
        create_location("NEW", Place(**{"name": "New", "latitude": 1.0, "longitude": 1.0, **wrong}), actor=CLERK)
    with pytest.raises(Invalid):
        edit_location("BER", wrong, seen=1, actor=CLERK)

    assert happened() == ["location.created"]
    assert Location.objects.get().version == 1
