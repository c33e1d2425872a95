"""What guards pages: the content security policy, tokens in forms, cookies, passwords, and patience with tries."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client, override_settings
from people import PASSWORD, a_person, signed_in
from routes import pages

import orderwright.web
from orderwright.kernel import clock
from orderwright.kernel.errors import Refusal
from orderwright.staff import people
from orderwright.web.signing_in import TRIES, TRIES_OF_A_NETWORK, WAIT_SECONDS

pytestmark = pytest.mark.django_db

TEMPLATES = Path(orderwright.web.__file__).parent / "templates"
ADDRESSES = [way.address for way in pages()]
INLINE = re.compile(r"""\sstyle=|\son[a-z]+="|<style|<script(?![^>]*\ssrc=)|javascript:|\shx-on|hx-vals='?js:""")


def wrong_password(client: Client, email: str = "owner@shop.example", *, network: str = "192.0.2.1") -> int:
    answer = client.post("/sign-in", {"email": email, "password": "not this one"}, REMOTE_ADDR=network)
    return answer.status_code


@pytest.mark.parametrize("who", ["somebody who works here", "a stranger"])
def test_no_page_lets_anything_run_that_stands_in_it(who: str) -> None:
    client = signed_in() if who == "somebody who works here" else Client()

    for address in ADDRESSES:
        for answer in (client.get(address), client.post(address)):
            if not answer.get("Content-Type", "").startswith("text/html") or answer.status_code in (303, 405):
                continue
            policy = answer["Content-Security-Policy"]
            if policy.startswith("sandbox "):
                assert "default-src 'none'" in policy, address
                assert "script" not in policy, address
                continue
            assert "unsafe" not in policy, address
            for needed in ("default-src 'none'", "script-src 'self'", "base-uri", "frame-ancestors", "form-action"):
                assert needed in policy, (address, needed)
            assert answer["X-Content-Type-Options"] == "nosniff", address
            assert answer["Referrer-Policy"] == "same-origin", address
            assert answer["Cache-Control"] == "no-store", address


def test_no_template_has_a_script_or_a_style_in_it() -> None:
    found = [
        f"{path.relative_to(TEMPLATES)}: {match.group()}"
        for path in sorted(TEMPLATES.rglob("*.html"))
        for match in INLINE.finditer(path.read_text())
    ]

    assert found == []


def test_a_form_without_its_token_is_refused() -> None:
    client = signed_in(checks=True)

    wrong = [
        (address, answer.status_code)
        for address in ADDRESSES
        if (answer := client.post(address)).status_code not in (403, 405)
        and not address.startswith("/unsubscribe/")  # one click in a letter (RFC 8058): its address is the token
    ]

    assert wrong == []


def test_a_form_with_the_token_of_its_page_is_taken() -> None:
    a_person()
    client = Client(enforce_csrf_checks=True)
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', client.get("/sign-in").content.decode())
    assert found is not None

    form = {"email": "owner@shop.example", "password": PASSWORD, "csrfmiddlewaretoken": found[1]}
    assert client.post("/sign-in", form | {"csrfmiddlewaretoken": "x" * 64}).status_code == 403
    assert client.post("/sign-in", form).status_code == 303


def test_five_wrong_passwords_lock_an_address_for_a_quarter_of_an_hour() -> None:
    a_person()
    a_person("support")
    client, now = Client(), clock.now()
    with clock.at(now):
        assert [wrong_password(client) for _ in range(TRIES + 1)] == [422] * TRIES + [429]
        right = client.post("/sign-in", {"email": "owner@shop.example", "password": PASSWORD})
        assert (right.status_code, "sessionid" in client.cookies) == (429, False)
        other = client.post("/sign-in", {"email": "support@shop.example", "password": PASSWORD})
        assert other.status_code == 303

    with clock.at(now + timedelta(seconds=WAIT_SECONDS + 1)):
        answer = Client().post("/sign-in", {"email": "owner@shop.example", "password": PASSWORD})

    assert answer.status_code == 303


def test_addresses_that_nobody_has_are_locked_too() -> None:
    client, now = Client(), clock.now()

    with clock.at(now):
        tries = [wrong_password(client, "nobody@shop.example") for _ in range(TRIES + 1)]

    assert tries == [422] * TRIES + [429]


def test_a_network_that_tries_many_addresses_is_slowed_down() -> None:
    client, now = Client(), clock.now()

    with clock.at(now):
        tries = [wrong_password(client, f"{n}@shop.example") for n in range(TRIES_OF_A_NETWORK + 1)]
        elsewhere = wrong_password(client, "x@shop.example", network="198.51.100.7")

    assert tries == [422] * TRIES_OF_A_NETWORK + [429]
    assert elsewhere == 422


def test_whether_an_address_is_known_is_not_told() -> None:
    a_person()
    client = Client()

    known = client.post("/sign-in", {"email": "owner@shop.example", "password": "not this one"})
    unknown = client.post("/sign-in", {"email": "nobody@shop.example", "password": "not this one"})

    assert known.status_code == unknown.status_code == 422
    assert words(known.content) == words(unknown.content)


def words(content: bytes) -> str:
    """A page without what is another one each time: the token, and the address that was typed."""
    said = re.sub(r'(csrfmiddlewaretoken" value="|X-CSRFToken": ")[^"]+', "", content.decode())
    return re.sub(r"(owner|nobody)@shop\.example", "", said)


@pytest.mark.parametrize("secure", [False, True])
def test_the_session_is_out_of_reach(secure: bool) -> None:
    a_person()
    client = Client()
    with override_settings(SESSION_COOKIE_SECURE=secure, CSRF_COOKIE_SECURE=secure):
        client.get("/sign-in")
        before = client.cookies["csrftoken"].value

        client.post("/sign-in", {"email": "owner@shop.example", "password": PASSWORD})

    for name in ("sessionid", "csrftoken"):
        cookie = client.cookies[name]
        assert (cookie["httponly"], cookie["samesite"], bool(cookie["secure"])) == (True, "Lax", secure)
    assert client.cookies["csrftoken"].value != before
    assert 0 < int(client.cookies["sessionid"]["max-age"]) <= 12 * 3600


def test_signing_in_gives_the_session_a_new_name() -> None:
    a_person()
    client = signed_in("support")
    given = client.cookies["sessionid"].value

    client.post("/sign-in", {"email": "owner@shop.example", "password": PASSWORD})

    assert client.cookies["sessionid"].value != given
    stale = Client()
    stale.cookies["sessionid"] = given
    assert stale.get("/desk/stock").status_code == 303


def test_signing_out_ends_the_session_everywhere_it_was_copied_to() -> None:
    client = signed_in()
    copied = Client()
    copied.cookies["sessionid"] = client.cookies["sessionid"].value
    assert copied.get("/desk/stock").status_code == 200

    client.post("/sign-out")

    assert copied.get("/desk/stock").status_code == 303


@pytest.mark.parametrize(
    "url", ["https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere.example", "javascript:alert(1)"]
)
def test_nobody_is_led_to_another_site(url: str) -> None:
    a_person()

    answer = Client().post("/sign-in", {"email": "owner@shop.example", "password": PASSWORD, "next": url})

    assert (answer.status_code, answer["Location"]) == (303, "/desk")


@pytest.mark.parametrize("password", ["short", "fourteen signs", "a long new@shop.example", "new@shop.example"])
def test_passwords_that_are_guessed_first_are_refused(password: str) -> None:
    with pytest.raises(Refusal):
        people.let_in("new@shop.example", "New", "support", password, actor="system:test")

    assert people.people() == []


def test_passwords_are_kept_as_argon2id() -> None:
    people.let_in("new@shop.example", "New", "support", "a duck crosses the street", actor="system:test")

    ((kept,),) = [(one,) for one in kept_passwords()]
    assert kept.startswith("argon2$argon2id$")


def kept_passwords() -> list[str]:
    return list(type(a_person()).objects.filter(username="new@shop.example").values_list("password", flat=True))


@pytest.mark.parametrize(
    ("url", "led_to"), [("/\r\nSet-Cookie: a=b", "/"), ("/search?q=Tee für zwei", "/search?q=Tee%20f%C3%BCr%20zwei")]
)
def test_what_no_header_can_carry_is_not_led_to(url: str, led_to: str) -> None:
    answer = Client().post("/language", {"language": "de", "next": url})

    assert (answer.status_code, answer["Location"]) == (303, led_to)
