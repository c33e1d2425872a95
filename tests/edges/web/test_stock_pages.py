"""The stock pages: lists and figures, why it is so many, and each action, done, refused and forbidden."""

import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from builders import a_location, a_shelf, a_sku, an_order, shelf, written
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from orderwright.catalog.models import Sku
from orderwright.inventory.models import Expectation, Level, SafetyStock, StockCount, ToldLevel, Transfer
from orderwright.kernel import clock
from orderwright.kernel.models import Event

pytestmark = pytest.mark.django_db

Desk = Callable[..., Client]


@pytest.fixture(autouse=True)
def _tea() -> None:
    a_shelf("BERLIN", "TEE", 10)
    a_shelf("PARIS", "TEE", 4)


def text_of(answer: object) -> str:
    """What a page says, without its tags."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))  # type: ignore[attr-defined]


def then(client: Client, answer: object) -> str:
    """What the page says to which an answer leads on."""
    return text_of(client.get(answer["Location"]))  # type: ignore[index]


def skus_in(answer: object) -> list[str]:
    return re.findall(r'data-row href="/desk/stock/([^"]+)"', answer.content.decode())  # type: ignore[attr-defined]


def tomorrow() -> str:
    return (clock.now() + timedelta(days=1)).date().isoformat()


def test_the_list_shows_each_sku_at_all_locations_and_at_each(desk: Desk) -> None:
    an_order().with_line("TEE", 3).placed()

    said = text_of(desk().get("/desk/stock"))

    assert re.search(r"TEE\s+Tee\s+14\s+11\s+3 ", said)
    assert re.search(r"BERLIN\s+10\s+7\s+3 ", said)
    assert re.search(r"PARIS\s+4\s+4 ", said)


def test_the_list_is_searched_by_code_name_and_barcode(desk: Desk) -> None:
    a_sku("CUP", gtin="4006381333931")
    Sku.objects.filter(code="CUP").update(name="Blue 100% cup_")
    owner = desk()

    found = {word: skus_in(owner.get("/desk/stock", {"q": word})) for word in
             ("te", "blue", "4006381333931", "100%", "p_", "%", "nothing")}  # fmt: skip

    assert found == {
        "te": ["TEE"],
        "blue": ["CUP"],
        "4006381333931": ["CUP"],
        "100%": ["CUP"],
        "p_": ["CUP"],
        "%": ["CUP"],
        "nothing": [],
    }


def test_the_list_is_narrowed_to_a_location_and_to_what_is_short(desk: Desk) -> None:
    a_shelf("PARIS", "CUP", 1)
    a_sku("POT", when_short="backorder")
    an_order().with_line("POT", 2).but(when_short="backorder").placed()
    SafetyStock.objects.create(sku=Sku.objects.get(code="CUP"), quantity=5)
    ToldLevel.objects.create(sku=Sku.objects.get(code="TEE"), level=Level.LOW)
    owner = desk()

    assert skus_in(owner.get("/desk/stock", {"at": "BERLIN"})) == ["TEE"]
    assert skus_in(owner.get("/desk/stock", {"only": "short"})) == ["POT"]
    assert skus_in(owner.get("/desk/stock", {"only": "below_safety"})) == ["CUP"]
    assert skus_in(owner.get("/desk/stock", {"only": "low"})) == ["TEE"]


def test_the_list_goes_on_behind_the_last_code(desk: Desk) -> None:
    for number in range(30):
        a_sku(f"A{number:02}")
    owner = desk()

    first = owner.get("/desk/stock")
    further = owner.get("/desk/stock", {"after": "A24"})

    assert skus_in(first) == [f"A{number:02}" for number in range(25)]
    assert "after=A24" in first.content.decode()
    assert skus_in(further) == ["A25", "A26", "A27", "A28", "A29", "TEE"]


def test_statements_do_not_depend_on_how_many_skus_there_are(desk: Desk) -> None:
    owner = desk()
    with CaptureQueriesContext(
        connection,
    ) as one:
        owner.get("/desk/stock")
    for number in range(20):
        a_shelf("BERLIN", f"A{number:02}", 3)

    with CaptureQueriesContext(connection) as many:
        owner.get("/desk/stock")

    assert len(many) == len(one)
    assert len(many) <= 12


def test_the_page_of_a_sku_tells_why_it_is_so_many(desk: Desk) -> None:
    order = an_order().with_line("TEE", 3).placed()

    said = text_of(desk().get("/desk/stock/TEE"))

    assert "Why 14?" in said
    assert f"3 reserved at BERLIN · order {order.row.number} then on hand: 14" in said
    assert "+4 4 came in at PARIS · opening stock then on hand: 14" in said
    assert "+10 10 came in at BERLIN · opening stock then on hand: 10" in said


def test_the_history_of_a_location_has_its_own_balance(desk: Desk) -> None:
    said = text_of(desk().get("/desk/stock/TEE/history", {"at": "PARIS"}))

    assert "4 came in at PARIS · opening stock then on hand: 4" in said
    assert "came in at BERLIN" not in said


def test_a_sku_that_is_not_there_is_not_found(desk: Desk) -> None:
    assert desk().get("/desk/stock/NOTHING").status_code == 404


ACTIONS = {
    "receive": {"location": "BERLIN", "quantity": "5", "reason": "purchase", "reference": "PO-1"},
    "adjust": {"location": "BERLIN", "quantity": "-2", "reason": "stolen"},
    "set": {"location": "BERLIN", "quantity": "12", "expecting": "10"},
    "transfer": {"source": "BERLIN", "target": "PARIS", "quantity": "4", "expected_on": "2030-01-31"},
    "count": {"location": "BERLIN"},
    "safety": {"location": "BERLIN", "quantity": "3"},
    "expect": {"location": "PARIS", "quantity": "60", "expected_on": "2030-01-31", "reference": "PO-2"},
}


@pytest.mark.parametrize("action", ACTIONS)
def test_a_warehouse_does_it_and_a_reader_may_not(desk: Desk, action: str) -> None:
    before = written()

    assert desk("read_only").post(f"/desk/stock/TEE/{action}", ACTIONS[action]).status_code == 403
    assert written() == before

    answer = desk("warehouse").post(f"/desk/stock/TEE/{action}", ACTIONS[action])

    assert answer.status_code == 303
    assert written() != before
    assert Event.objects.latest("id").actor.startswith("staff:")


def test_units_come_in(desk: Desk) -> None:
    desk().post("/desk/stock/TEE/receive", ACTIONS["receive"])

    assert shelf("BERLIN", "TEE") == {"available": 15}
    assert Event.objects.latest("id").facts["reference"] == "PO-1"


def test_what_was_stolen_is_fewer_whatever_sign_was_typed(desk: Desk) -> None:
    desk().post("/desk/stock/TEE/adjust", ACTIONS["adjust"] | {"quantity": "2"})

    assert shelf("BERLIN", "TEE") == {"available": 8}


@pytest.mark.parametrize(
    ("action", "wrong", "status"),
    [
        ("receive", {"quantity": "0"}, 422),
        ("receive", {"quantity": "many"}, 422),
        ("receive", {"location": "NOWHERE"}, 404),
        ("receive", {"reason": "magic"}, 422),
        ("adjust", {"quantity": "-11"}, 409),
        ("adjust", {"quantity": "0"}, 422),
        ("transfer", {"target": "BERLIN"}, 422),
        ("transfer", {"quantity": "11"}, 409),
        ("transfer", {"expected_on": "31.1.2030"}, 422),
        ("safety", {"quantity": "-1"}, 422),
        ("expect", {"expected_on": ""}, 422),
        ("set", {"quantity": ""}, 422),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_happens(
    desk: Desk, action: str, wrong: dict[str, str], status: int
) -> None:
    before = written()

    answer = desk().post(f"/desk/stock/TEE/{action}", ACTIONS[action] | wrong)

    assert answer.status_code == status
    assert written() == before


def test_a_level_is_set_if_it_is_still_what_was_seen(desk: Desk) -> None:
    first, second = desk("owner"), desk("warehouse")

    first.post("/desk/stock/TEE/set", ACTIONS["set"])
    answer = second.post("/desk/stock/TEE/set", ACTIONS["set"] | {"quantity": "7"})

    assert "TEE at BERLIN: on_hand is 12 by now, not 10. Nothing was set. Look at it again." in then(second, answer)
    assert shelf("BERLIN", "TEE") == {"available": 12}


def test_a_transfer_arrives_and_a_part_of_it_is_lost(desk: Desk) -> None:
    clerk = desk("warehouse")
    clerk.post("/desk/stock/TEE/transfer", ACTIONS["transfer"])
    transfer = Transfer.objects.get()
    line = Expectation.objects.get(transfer=transfer)
    page = f"/desk/stock/-/transfers/{transfer.pk}"
    assert shelf("PARIS", "TEE") == {"available": 4, "in_transit": 4}

    answer = clerk.post(page, {f"arrived-{line.pk}": "3", f"lost-{line.pk}": "1"})

    assert shelf("PARIS", "TEE") == {"available": 7}
    assert "3 arrived, 1 are lost." in then(clerk, answer)
    assert "transfer" in text_of(clerk.get("/desk/stock/TEE"))


def test_a_transfer_of_many_skus_is_typed_line_by_line(desk: Desk) -> None:
    a_shelf("BERLIN", "CUP", 5)
    clerk = desk("warehouse")
    asked = {"source": "BERLIN", "target": "PARIS", "expected_on": tomorrow(), "lines": "TEE 2\n\nCUP;5\n"}

    assert clerk.post("/desk/stock/-/transfers", asked | {"lines": "TEE many"}).status_code == 422
    assert Transfer.objects.count() == 0
    clerk.post("/desk/stock/-/transfers", asked)

    assert shelf("PARIS", "CUP") == {"in_transit": 5}
    assert shelf("PARIS", "TEE") == {"available": 4, "in_transit": 2}
    assert f">{Transfer.objects.get().pk}</a>" in clerk.get("/desk/stock/-/transfers").content.decode()


def test_a_count_hides_the_book_until_it_is_counted(desk: Desk) -> None:
    clerk = desk("warehouse")
    clerk.post("/desk/stock/-/counts", {"location": "BERLIN", "skus": "TEE"})
    page = f"/desk/stock/-/counts/{StockCount.objects.get().pk}"
    assert "?" in text_of(clerk.get(page))
    assert not re.search(r"TEE\s+10", text_of(clerk.get(page)))

    said = text_of(clerk.post(page, {"counted-0": "9"}))

    assert "9 counted, 10 in the book. The book says now what was counted." in said
    assert shelf("BERLIN", "TEE") == {"available": 9}


def test_units_that_left_while_they_were_counted_are_counted_again(desk: Desk) -> None:
    clerk = desk("warehouse")
    clerk.post("/desk/stock/TEE/count", {"location": "BERLIN"})
    page = f"/desk/stock/-/counts/{StockCount.objects.get().pk}"
    clerk.post("/desk/stock/TEE/adjust", ACTIONS["adjust"])

    said = text_of(clerk.post(page, {"counted-0": "10"}))

    assert "Units came or left meanwhile: count it again." in said
    assert shelf("BERLIN", "TEE") == {"available": 8}


def test_what_is_expected_moves_to_another_day_comes_and_is_closed(desk: Desk) -> None:
    clerk = desk("warehouse")
    clerk.post("/desk/stock/TEE/expect", ACTIONS["expect"])
    expectation = Expectation.objects.get()
    where = f"/desk/stock/TEE/expectations/{expectation.pk}"

    clerk.post(where, {"do": "move", "expected_on": "2030-02-01"})
    came = ACTIONS["receive"] | {"location": "PARIS", "quantity": "40", "expectation": str(expectation.pk)}
    clerk.post("/desk/stock/TEE/receive", came)
    clerk.post(where, {"do": "close"})

    expectation.refresh_from_db()
    assert (expectation.expected_on, expectation.received) == (date(2030, 2, 1), 40)
    assert expectation.closed_at is not None
    assert shelf("PARIS", "TEE") == {"available": 44}


def test_an_expectation_of_another_sku_is_not_found(desk: Desk) -> None:
    a_sku("CUP")
    clerk = desk("warehouse")
    clerk.post("/desk/stock/TEE/expect", ACTIONS["expect"])

    answer = clerk.post(f"/desk/stock/CUP/expectations/{Expectation.objects.get().pk}", {"do": "close"})

    assert answer.status_code == 404
    assert Expectation.objects.get().closed_at is None


def test_a_reservation_moves_from_one_order_to_another(desk: Desk) -> None:
    Sku.objects.filter(code="TEE").update(when_short="backorder")
    keeps = an_order().with_line("TEE", 14).placed()
    waits = an_order().with_line("TEE", 2).but(when_short="backorder").placed()
    asked = {"from": keeps.row.number, "to": waits.row.number, "quantity": "2"}
    page = text_of(desk().get("/desk/stock/TEE"))
    assert f"Give units to order {waits.row.number}" in page

    assert desk("warehouse").post("/desk/stock/TEE/reallocate", asked).status_code == 403
    assert waits.units == {"backordered": 2}
    desk("support").post("/desk/stock/TEE/reallocate", asked)

    assert waits.units == {"reserved": 2}
    assert keeps.units == {"reserved": 12, "backordered": 2}
    assert re.search(rf"Who keeps it.*{waits.row.number}\s+BERLIN\s+2\s+0", text_of(desk().get("/desk/stock/TEE")))


def test_pressing_twice_gives_units_once(desk: Desk) -> None:
    Sku.objects.filter(code="TEE").update(when_short="backorder")
    keeps = an_order().with_line("TEE", 14).placed()
    waits = an_order().with_line("TEE", 4).but(when_short="backorder").placed()
    clerk = desk("support")
    page = clerk.get("/desk/stock/TEE").content.decode()
    word = re.search(r'/reallocate">.*?name="once" value="([^"]+)"', page)
    assert word is not None
    asked = {"from": keeps.row.number, "to": waits.row.number, "quantity": "2", "once": word[1]}

    first, second = (clerk.post("/desk/stock/TEE/reallocate", asked) for _ in range(2))

    assert (first.status_code, second.status_code) == (303, 409)
    assert waits.units == {"reserved": 2, "backordered": 2}
    assert keeps.units == {"reserved": 12, "backordered": 2}


def test_more_than_an_order_waits_for_is_not_given(desk: Desk) -> None:
    keeps = an_order().with_line("TEE", 2).placed()
    other = an_order().with_line("TEE", 2).placed()

    asked = {"from": keeps.row.number, "to": other.row.number, "quantity": "1"}
    answer = desk().post("/desk/stock/TEE/reallocate", asked)

    assert answer.status_code == 409
    assert keeps.units == {"reserved": 2}


def upload(content: bytes, name: str = "levels.csv", kind: str = "text/csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content, content_type=kind)


LEVELS = b"sku,location,on_hand,expecting\nTEE,BERLIN,12,10\nTEE,PARIS,9,5\nNONE,PARIS,1,\n"


@pytest.mark.django_db(transaction=True)
def test_a_file_is_tried_out_before_it_is_applied(desk: Desk) -> None:
    clerk = desk("warehouse")

    tried = clerk.post("/desk/stock/-/import", {"do": "try", "file": upload(LEVELS)})

    said = text_of(tried)
    assert "What the file would do levels.csv" in said
    assert "on_hand is 4 by now, not 5" in said
    assert shelf("BERLIN", "TEE") == {"available": 10}
    content = re.search(r"<textarea[^>]*>\n(.*?)</textarea>", tried.content.decode(), re.DOTALL)
    assert content is not None

    applied = clerk.post("/desk/stock/-/import", {"do": "apply", "name": "levels.csv", "content": content[1]})

    assert "1 levels were set." in text_of(applied)
    assert shelf("BERLIN", "TEE") == {"available": 12}
    assert shelf("PARIS", "TEE") == {"available": 4}
    assert Event.objects.get(kind="stock.set").facts["reference"] == "levels.csv"


@pytest.mark.parametrize(
    ("file", "status"),
    [
        (upload(b"\x89PNG\r\n\x00", "picture.png", "image/png"), 415),
        (upload(b"sku\x00,location", "levels.csv"), 415),
        (upload(b"sku,location,on_hand\n" + b"TEE,BERLIN,1\n" * 5001), 413),
        (upload(b"sku,location,on_hand\n" + b"x" * (2 * 1024 * 1024)), 413),
        (upload(b"sku,location,wrong\nTEE,BERLIN,1\n"), 422),
        (upload(b"\xff\xfe"), 422),
        (upload(b"   "), 422),
    ],
)
def test_what_is_no_file_of_levels_is_refused(desk: Desk, file: SimpleUploadedFile, status: int) -> None:
    file.seek(0)
    before = written()

    assert desk().post("/desk/stock/-/import", {"do": "apply", "file": file}).status_code == status
    assert written() == before


def test_levels_are_written_to_a_file_that_can_be_taken_in_again(desk: Desk) -> None:
    answer = desk().get("/desk/stock/-/export")

    lines = b"".join(answer.streaming_content).decode().splitlines()
    assert lines[0] == "sku,location,on_hand,expecting,available,reserved,damaged,quality_control,in_transit"
    assert lines[1:] == ["TEE,BERLIN,10,10,10,0,0,0,0", "TEE,PARIS,4,4,4,0,0,0,0"]
    assert re.fullmatch(r'attachment; filename="stock-[0-9-]+\.csv"', answer["Content-Disposition"])


def test_a_code_with_strange_letters_has_a_page(desk: Desk) -> None:
    a_location("LYON")
    a_sku("Ä & B?#")

    answer = desk().get("/desk/stock")

    assert desk().get(f"/desk/stock/{skus_in(answer)[-1]}").status_code == 200


def test_pressing_twice_receives_once(desk: Desk) -> None:
    client = desk()
    found = re.search(r'/receive">.*?name="once" value="([^"]+)"', client.get("/desk/stock/TEE").content.decode())
    assert found is not None
    form = ACTIONS["receive"] | {"once": found[1]}

    pressed = [client.post("/desk/stock/TEE/receive", form).status_code for _press in range(2)]

    assert pressed == [303, 409]
    assert shelf("BERLIN", "TEE") == {"available": 15}
