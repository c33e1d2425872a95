"""Stories of endpoints that are odd: names that nobody answers for, answers with more behind them, new addresses."""

import socket
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from builders import CLERK
from django.db import transaction
from receivers import Behaviour, receiver
from shelves import wait_for_the_log

from orderwright.kernel import clock, feed, sql
from orderwright.kernel.events import Happening, record
from orderwright.webhooks import editing, forgetting
from orderwright.webhooks.editing import TooManySecrets, Wish, create_webhook, edit_webhook, rotate_secret
from orderwright.webhooks.models import Attempt, Delivery, Endpoint, Secret
from orderwright.webhooks.sending import SenderThread, send_all

__all__ = ["receiver"]
pytestmark = pytest.mark.django_db(transaction=True)


def endpoint(url: str, **more: Any) -> int:
    return create_webhook(Wish(url=url, kinds=["law.*"], **more), actor=CLERK)[0].pk


def laws(count: int) -> None:
    """So many events that wait for nothing."""
    with transaction.atomic():
        record([Happening("law.passed", CLERK, {"n": n}) for n in range(count)])
    wait_for_the_log()


def until(true: Any, patience_seconds: float) -> None:
    end = time.monotonic() + patience_seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.01)


@pytest.fixture
def silence(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Nobody answers for the names under .dead.example until the story ends; answers the names that are asked for."""
    ends, asked, ask = threading.Event(), [], socket.getaddrinfo

    def getaddrinfo(host: str, *more: Any, **words: Any) -> Any:
        if host.endswith(".dead.example"):
            asked.append(host)
            ends.wait(30)
            raise socket.gaierror("nobody answers")
        return ask("127.0.0.1" if host.endswith(".example") else host, *more, **words)

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    yield asked
    ends.set()


def test_names_that_nobody_answers_for_delay_no_other(receiver, silence):
    for n in range(10):
        endpoint(f"http://n{n}.dead.example/hook")
    laws(20)
    sender = SenderThread()
    sender.start()
    try:
        until(lambda: len(silence) == 10, 10)
        endpoint(receiver.url.replace("127.0.0.1", "well.example") + "/hook", concurrency=20)
        laws(20)

        until(lambda: len(receiver.messages) == 20, 10)

        assert len(silence) == 10  # each name is asked for once at a time, however many requests wait for it
    finally:
        sender.end()


class Chatty(threading.Thread):
    """A server that adds a line to each answer, behind its end."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listening.getsockname()[1]}/hook"
        self.ids: list[str] = []

    def run(self) -> None:
        while True:
            try:
                line, _peer = self.listening.accept()
            except OSError:
                return
            threading.Thread(target=self.answer, args=(line,), daemon=True).start()

    def answer(self, line: socket.socket) -> None:
        with line, line.makefile("rb") as said:
            while head := said.readline():
                headers = {}
                while (head := said.readline()) not in (b"\r\n", b""):
                    name, _colon, value = head.decode().partition(":")
                    headers[name.lower()] = value.strip()
                said.read(int(headers.get("content-length", 0)))
                self.ids.append(headers["webhook-id"])
                line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nOK\r\nand more\r\n")


def test_what_an_answer_has_behind_its_end_is_not_taken_for_the_next(settings):
    settings.WEBHOOKS_INSIDE, settings.WEBHOOKS_HTTP = "127.0.0.0/8", True
    chatty = Chatty()
    chatty.start()
    endpoint(chatty.url, concurrency=1)
    laws(5)

    send_all()
    chatty.listening.close()

    assert len(chatty.ids) == len(set(chatty.ids)) == 5
    assert set(Delivery.objects.values_list("state", "tries")) == {("delivered", 1)}


def test_a_new_address_is_told_at_once_what_the_old_one_did_not_take(receiver):
    webhook = endpoint(receiver.url + "/tpyo")
    receiver.always["/tpyo"] = Behaviour(404)
    laws(3)
    start = clock.now()
    for hours in (0, 1, 10, 20):
        with clock.at(start + timedelta(hours=hours)):
            send_all()

    with clock.at(start + timedelta(hours=20, minutes=1)):
        edit_webhook(webhook, {"url": receiver.url + "/typo"}, seen=None, actor=CLERK)
        send_all()

    assert len(receiver.at("/typo")) == 3
    assert set(Delivery.objects.values_list("state", flat=True)) == {"delivered"}


def test_what_the_old_address_did_not_take_for_days_is_not_given_up_at_the_new_one(receiver):
    webhook = endpoint(receiver.url + "/old")
    receiver.always["/old"] = receiver.always["/new"] = Behaviour(500)
    laws(1)
    start = clock.now()
    send_all()
    with clock.at(start + timedelta(days=2.9)):
        edit_webhook(webhook, {"url": receiver.url + "/new"}, seen=None, actor=CLERK)
        send_all()

    with clock.at(start + timedelta(days=3.1)):
        send_all()

    assert Delivery.objects.values_list("state", flat=True).get() == "waiting"
    assert Endpoint.objects.values_list("state", flat=True).get() == "active"


def test_a_secret_that_leaked_is_replaced_at_once_however_many_sign(receiver):
    webhook = endpoint(receiver.url + "/hook")
    for _rotation in range(editing.MOST_SECRETS - 1):
        rotate_secret(webhook, overlap=timedelta(days=1), actor=CLERK)

    with pytest.raises(TooManySecrets):
        rotate_secret(webhook, overlap=timedelta(days=1), actor=CLERK)
    secret, _expires = rotate_secret(webhook, overlap=timedelta(0), actor=CLERK)

    assert list(Secret.objects.filter(expires_at=None).values_list("secret", flat=True)) == [secret]
    assert not Secret.objects.filter(expires_at__gt=clock.now()).exists()


def test_what_is_told_again_while_old_deliveries_are_forgotten_stays(receiver):
    endpoint(receiver.url + "/hook")
    laws(2)
    receiver.plans["/hook"] = [Behaviour(500)]
    send_all()
    ids = list(Delivery.objects.values_list("id", flat=True))  # as they were found when all of them were settled

    sql.run(forgetting.FORGET, [sql.ints(ids)])

    assert Delivery.objects.values_list("state", flat=True).get() == "waiting"
    assert Attempt.objects.values_list("outcome", flat=True).get() == "refused"
    Endpoint.objects.update(wanted_since=feed.end())
