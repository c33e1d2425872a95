"""What every carrier must keep to; here the fake one, over real HTTP, by its own clock."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from carriers import SECRET, a_consignment

from orderwright.adapters.fake_carrier.client import FakeCarrier
from orderwright.adapters.fake_carrier.parcels import Parcels
from orderwright.adapters.fake_carrier.server import FakeCarrierServer
from orderwright.adapters.signing import sign
from orderwright.kernel import clock, ports
from orderwright.kernel.ports import BadMessage, BadSignature
from orderwright.shipping.ports import Labelled, Refused, Unknown, Voided
from orderwright.shipping.stages import ENDED, Stage

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)


@pytest.fixture(scope="module")
def server() -> Iterator[FakeCarrierServer]:
    running = FakeCarrierServer(SECRET, parcels=Parcels(trouble=False)).start()
    running.parcels.stopped_at = NOW
    yield running
    running.stop()


@pytest.fixture
def carrier(server: FakeCarrierServer) -> Iterator[FakeCarrier]:
    server.parcels.stopped_at = NOW
    yield FakeCarrier(server.url, SECRET, timeout_seconds=2)
    for verb in ("rate", "label", "void", "track"):
        server.behave(verb, "")


def labelled(carrier: FakeCarrier, key: str, **wishes: object) -> Labelled:
    answer = carrier.label(a_consignment(**wishes), key=key)  # type: ignore[arg-type]
    assert isinstance(answer, Labelled), answer
    return answer


def test_every_installed_carrier_is_tried() -> None:
    assert ports.installed("carrier") == {"fake": FakeCarrier}


def test_a_label_can_be_made_whatever_the_address(carrier: FakeCarrier) -> None:
    for number, street in enumerate(("", "Lange Reihe 1\n" * 40, "漢字" * 500, '#sys.version \\ "quoted" $x$ *b*')):
        answer = carrier.label(a_consignment(street=street), key=f"address-{number}")

        assert isinstance(answer, Labelled)
        assert b"/Type/Pages/Count 1/" in answer.document


def test_asking_twice_with_one_key_makes_one_label(carrier: FakeCarrier) -> None:
    first, again = labelled(carrier, "once"), labelled(carrier, "once")
    other = labelled(carrier, "another")

    assert first == again
    assert other.tracking_number != first.tracking_number
    assert first.document.startswith(b"%PDF")
    assert (first.price.minor, first.price.currency) == (1386, "EUR")


def test_what_became_of_a_question_can_be_asked(carrier: FakeCarrier) -> None:
    made = labelled(carrier, "asked")

    assert carrier.look_up(key="asked") == made
    assert carrier.look_up(key="never-asked") is None


@pytest.mark.parametrize("words", ["timeout", "error"])
def test_an_answer_that_never_came_is_unknown_and_the_label_is_there(carrier: FakeCarrier, words: str) -> None:
    key = f"done-{words}"

    assert carrier.label(a_consignment(company=f"fake:{words}"), key=key) == Unknown()

    found = carrier.look_up(key=key)
    assert isinstance(found, Labelled)
    assert carrier.label(a_consignment(company=f"fake:{words}"), key=key) == found


@pytest.mark.parametrize("words", ["lost", "error_first"])
def test_a_question_that_never_arrived_left_nothing(carrier: FakeCarrier, words: str) -> None:
    key = f"not-done-{words}"

    assert carrier.label(a_consignment(company=f"fake:{words}"), key=key) == Unknown()

    assert carrier.look_up(key=key) is None
    assert isinstance(carrier.label(a_consignment(company=f"fake:{words}"), key=key), Labelled)


def test_nobody_there_is_unknown() -> None:
    nobody = FakeCarrier("http://127.0.0.1:9", SECRET)

    assert nobody.label(a_consignment(), key="k") == Unknown()
    assert nobody.look_up(key="k") == Unknown()
    assert nobody.rate(a_consignment()) == Unknown()
    assert nobody.track(["FC1"]) == Unknown()


@pytest.mark.parametrize(
    ("wishes", "reason"),
    [
        ({"postal_code": "00000"}, "bad_address"),
        ({"country": "KP"}, "not_served"),
        ({"service": "rocket"}, "not_served"),
        ({"grams": 40_000}, "bad_parcel"),
        ({"company": "fake:refuse=account"}, "account"),
        ({"company": "fake:refuse=whim"}, "other"),
    ],
)
def test_refusals_are_in_our_words_and_final(carrier: FakeCarrier, wishes: dict[str, object], reason: str) -> None:
    key = "refused-" + "-".join(str(wish).replace("=", "-") for wish in wishes.values())

    answer = carrier.label(a_consignment(**wishes), key=key)  # type: ignore[arg-type]

    assert isinstance(answer, Refused)
    assert answer.reason == reason
    assert carrier.look_up(key=key) == answer


def test_a_label_can_be_taken_back_but_not_once_it_is_used(carrier: FakeCarrier, server: FakeCarrierServer) -> None:
    unused, used = labelled(carrier, "unused"), labelled(carrier, "used")

    assert carrier.void(unused.tracking_number, key="void-unused") == Voided()
    assert carrier.void(unused.tracking_number, key="void-unused") == Voided()
    unknown = carrier.void("FC1", key="void-unknown")
    server.parcels.stopped_at = NOW + timedelta(days=1)
    late = carrier.void(used.tracking_number, key="void-used")

    assert isinstance(unknown, Refused)
    assert unknown.reason == "no_such_label"
    assert isinstance(late, Refused)
    assert late.reason == "already_used"
    assert carrier.track([unused.tracking_number]) == []


def test_prices_rise_with_distance_and_weight_and_keep_their_currency(carrier: FakeCarrier) -> None:
    def cheapest(country: str, grams: int) -> int:
        quotes = carrier.rate(a_consignment(country=country, grams=grams))
        assert not isinstance(quotes, Refused | Unknown)
        assert {quote.price.currency for quote in quotes} == {"EUR"}
        assert all(0 < quote.days_least <= quote.days_most for quote in quotes)
        return min(quote.price.minor for quote in quotes)

    assert cheapest("DE", 400) < cheapest("FR", 400) < cheapest("ES", 400) < cheapest("US", 400)
    assert cheapest("DE", 400) < cheapest("DE", 4000)
    nowhere = carrier.rate(a_consignment(country="KP"))
    assert isinstance(nowhere, Refused)
    assert nowhere.reason == "not_served"


@pytest.mark.parametrize(
    ("ending", "last", "met"),
    [
        ("delivered", Stage.DELIVERED, set()),
        ("late", Stage.DELIVERED, {Stage.DELAYED}),
        ("failed_first", Stage.DELIVERED, {Stage.ATTEMPT_FAILED}),
        ("pickup", Stage.DELIVERED, {Stage.READY_FOR_PICKUP}),
        ("returned", Stage.RETURNED, {Stage.ATTEMPT_FAILED}),
        ("lost", Stage.LOST, set()),
    ],
)
def test_a_parcel_is_told_as_it_goes(
    carrier: FakeCarrier, server: FakeCarrierServer, ending: str, last: Stage, met: set[Stage]
) -> None:
    number = labelled(carrier, f"goes-{ending}", company=f"fake:end={ending}").tracking_number

    assert carrier.track([number]) == []
    server.parcels.stopped_at = NOW + timedelta(days=30)
    scans = carrier.track([number])

    assert not isinstance(scans, Unknown)
    assert [scan.happened_at for scan in scans] == sorted(scan.happened_at for scan in scans)
    assert len({scan.message_id for scan in scans}) == len(scans)
    assert {scan.tracking_number for scan in scans} == {number}
    stages = [scan.stage for scan in scans]
    assert (stages[0], stages[-1]) == (Stage.HANDED_OVER, last)
    assert not ENDED.intersection(stages[:-1])
    assert met <= set(stages)
    assert all(ZoneInfo(scan.time_zone) and scan.happened_at.tzinfo for scan in scans)
    if ending == "delivered":
        assert scans[-1].place == "Lyon, FR"
        assert scans[-1].time_zone == "Europe/Paris"


def test_messages_are_signed_say_what_tracking_says_and_are_told_once_an_id(
    carrier: FakeCarrier, server: FakeCarrierServer
) -> None:
    number = labelled(carrier, "told", company="fake:tell=twice").tracking_number
    server.messages.clear()

    server.set_clock(NOW + timedelta(days=30))

    with clock.at(NOW + timedelta(days=30)):
        heard = [scan for headers, body in server.messages for scan in carrier.read_webhook(headers, body)]
    of_ours = [scan for scan in heard if scan.tracking_number == number]
    tracked = carrier.track([number])
    assert not isinstance(tracked, Unknown)
    assert len(of_ours) == 2 * len(tracked)
    assert {scan.message_id: scan for scan in of_ours} == {scan.message_id: scan for scan in tracked}


def test_messages_of_others_of_old_and_of_nonsense_are_refused(carrier: FakeCarrier) -> None:
    now, body = clock.now(), b'{"scans":[]}'

    assert carrier.read_webhook(sign(SECRET, "m", now, body), body) == []
    with pytest.raises(BadSignature):
        carrier.read_webhook(sign("another secret", "m", now, body), body)
    with pytest.raises(BadSignature):
        carrier.read_webhook(sign(SECRET, "m", now - timedelta(hours=1), body), body)
    with pytest.raises(BadSignature):
        carrier.read_webhook(sign(SECRET, "m", now, body), body + b" ")
    for nonsense in (b"", b"[]", b'{"scans":[{}]}', b'{"scans":[{"id":1,"code":"OUT","at":"2026-11-23"}]}'):
        with pytest.raises(BadMessage):
            carrier.read_webhook(sign(SECRET, "m", now, nonsense), nonsense)
