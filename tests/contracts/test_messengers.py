"""Every messenger that is installed, against something that answers like its provider."""

import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import quote

import pytest
from mail_server import mail_server

from orderwright.adapters.apprise_messages import AppriseMessenger
from orderwright.adapters.email import AnymailMessenger, SmtpMessenger
from orderwright.kernel.ports import installed
from orderwright.notifications.ports import Away, Message, Messenger, NotNow, Refused

MESSAGE = Message(
    to="ada@example.org",
    name="Ada, “Löffler”",
    sender="Tea Shop <orders@tea.example>",
    subject="Ihre Bestellung 1 – bestätigt",
    text="Guten Tag\n",
    html="<p>Guten Tag</p>",
    message_id="<17.order_confirmed@tea.example>",
    headers={
        "List-Unsubscribe": "<https://tea.example/unsubscribe/x>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    },
)


class Provider:
    """Answers HTTP as a provider does; `status` is its next answer."""

    def __init__(self) -> None:
        self.status = 200
        self.bodies: list[bytes] = []
        self.address = ""


@contextmanager
def provider() -> Iterator[Provider]:
    stage = Provider()

    class Answering(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            stage.bodies.append(self.rfile.read(int(self.headers.get("Content-Length") or 0)))
            said = {"id": "<20.1@provider>", "message": "Queued", "ErrorCode": 300, "Message": "Invalid 'To' address"}
            body = json.dumps(said).encode()
            self.send_response(stage.status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_words: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answering)
    stage.address = f"127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield stage
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class Stage:
    """A messenger, what it handed over, and how its provider is made to refuse."""

    def __init__(
        self, messenger: Messenger, took: Callable[[], list[str]], answers: Callable[[str], object], message: Message
    ) -> None:
        self.messenger, self.took, self.answers, self.message = messenger, took, answers, message


@pytest.fixture(params=["smtp", "anymail", "messages"])
def stage(request: pytest.FixtureRequest) -> Iterator[Stage]:
    with ExitStack() as stack:
        if request.param == "smtp":
            mail = stack.enter_context(mail_server())
            words = {"never": "550 no such user", "later": "451 try later", "away": "421 closing"}
            made: Stage = Stage(
                SmtpMessenger(mail.url),
                lambda: [letter["Message-ID"] for letter in mail.letters],
                lambda how: mail.says.update({MESSAGE.to: words[how]}),
                MESSAGE,
            )
        else:
            http = stack.enter_context(provider())
            codes = {"never": 400, "later": 429, "away": 503}
            is_mail = request.param == "anymail"
            api = quote(f"http://{http.address}/v3", safe="")
            messenger: Messenger = (
                AnymailMessenger(f"anymail+mailgun://?api_key=k&sender_domain=tea.example&api_url={api}")
                if is_mail
                else AppriseMessenger(f"json://{http.address}/{{phone}}")
            )
            made = Stage(
                messenger,
                lambda: ["<17.order_confirmed@tea.example>"] * sum(b"Guten" in body for body in http.bodies),
                lambda how: setattr(http, "status", codes[how]),
                MESSAGE if is_mail else MESSAGE._replace(to="+4915112345678", html=""),
            )
        yield made
        made.messenger.close()


def test_every_messenger_that_is_installed_is_tried() -> None:
    assert set(installed("messenger")) == {"smtp", "smtps", "anymail", "messages"}


def test_what_is_accepted_was_handed_over_once_with_its_name(stage: Stage) -> None:
    answer = stage.messenger.send(stage.message)

    assert answer.startswith("accepted")
    assert stage.took() == ["<17.order_confirmed@tea.example>"]
    assert stage.messenger.name
    assert "k&" not in stage.messenger.name


def test_it_goes_on_after_it_was_closed(stage: Stage) -> None:
    stage.messenger.send(stage.message)
    stage.messenger.close()
    stage.messenger.send(stage.message)

    assert len(stage.took()) == 2


@pytest.mark.parametrize(("how", "error"), [("never", Refused), ("later", NotNow), ("away", Away)])
def test_a_no_is_understood(stage: Stage, how: str, error: type[Exception]) -> None:
    stage.answers(how)

    with pytest.raises(error) as raised:
        stage.messenger.send(stage.message)

    assert type(raised.value) is error


def test_a_service_that_knows_us_not_is_away_and_what_it_says_of_numbers_is_not() -> None:
    said = {}
    with provider() as http:
        messenger = AppriseMessenger(f"json://{http.address}/{{phone}}")
        for status in (400, 401, 402, 403, 404, 410, 422, 429, 500, 503):
            http.status = status
            with pytest.raises((Away, NotNow, Refused)) as raised:
                messenger.send(MESSAGE._replace(to="+4915112345678"))
            said[status] = raised.type

    assert {status for status, error in said.items() if error is Refused} == {400, 410, 422}
    assert {status for status, error in said.items() if error is Away} == {401, 402, 403, 500, 503}
    assert {status for status, error in said.items() if error is NotNow} == {404, 429}


def test_the_noes_of_several_threads_are_told_apart() -> None:
    with provider() as refusing, provider() as away, ThreadPoolExecutor(8) as pool:
        refusing.status, away.status = 400, 503
        stages = [AppriseMessenger(f"json://{one.address}/{{phone}}") for one in (refusing, away)] * 8
        asked = [pool.submit(one.send, MESSAGE._replace(to="+4915112345678")) for one in stages]

    assert [type(one.exception()) for one in asked] == [Refused, Away] * 8


def test_listening_to_a_service_logs_no_more_than_before(caplog: pytest.LogCaptureFixture) -> None:
    with provider() as http:
        AppriseMessenger(f"json://{http.address}/{{phone}}").send(MESSAGE._replace(to="+4915112345678"))

    assert "urllib3.connectionpool" not in {record.name for record in caplog.records}


@pytest.mark.parametrize(
    "messenger",
    [
        SmtpMessenger("smtp://127.0.0.1:9"),
        AnymailMessenger("anymail+mailgun://?api_key=k&sender_domain=x&api_url=http%3A%2F%2F127.0.0.1%3A9%2F"),
        AnymailMessenger("anymail+nobody://?api_key=k"),
        AppriseMessenger("json://127.0.0.1:9/{phone}"),
    ],
    ids=["smtp", "anymail", "unknown provider", "apprise"],
)
def test_nobody_there_is_away(messenger: Messenger) -> None:
    with pytest.raises(Away):
        messenger.send(MESSAGE)


def test_a_header_cannot_be_smuggled_in() -> None:
    with mail_server() as mail:
        messenger = SmtpMessenger(mail.url)
        with pytest.raises(Refused):
            messenger.send(MESSAGE._replace(subject="Hello\r\nBcc: everybody@example.org"))
        messenger.close()

    assert mail.letters == []
