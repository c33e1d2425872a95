"""Requests that change something: one transaction each, and once per idempotency key."""

import threading
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from django.db import OperationalError, connection
from django.http import HttpRequest
from django.test import Client
from django.urls import path
from ninja import NinjaAPI, Router
from ninja.responses import Status

from orderwright.api.app import Json
from orderwright.api.auth import needs
from orderwright.api.fields import Body, Count
from orderwright.api.once import asks_outside, once, personal
from orderwright.api.problems import answer_with_problems
from orderwright.api.reading import StrictParser
from orderwright.kernel import idempotency, sql
from orderwright.kernel.errors import NotFound, Refusal
from orderwright.kernel.numbering import take_ids
from orderwright.staff import keys

pytestmark = pytest.mark.django_db(transaction=True)


class NoMore(Refusal):
    code = "no_more"
    sentence = "No more than {most}."


class WriteIn(Body):
    number: Count


router = Router()
done: list[str] = []
meet = threading.Barrier(2, timeout=20)


def write(name: str) -> None:
    """Some work that can be seen, and undone."""
    sql.run("INSERT INTO number_series (name, last) VALUES (%s, 1)", [f"{name} {take_ids('event_id_seq', 1)[0]}"])


def written() -> int:
    return int(sql.value("SELECT count(*) FROM number_series"))


@router.post("/write", response={201: dict[str, int]}, auth=needs("stock:write"))
def write_one(request: HttpRequest, body: WriteIn) -> Status[dict[str, int]]:
    write("write")
    if body.number > 10:
        raise NoMore(most=10)
    return Status(201, {"number": body.number})


@router.post("/deadlock", response=dict[str, int], auth=needs("stock:write"))
def deadlock(request: HttpRequest) -> dict[str, int]:
    write("deadlock")
    done.append("try")
    if len(done) < 3:
        raise OperationalError("deadlock detected") from psycopg.errors.DeadlockDetected()
    return {"tries": len(done)}


@router.post("/fail", response=dict[str, int], auth=needs("stock:write"))
def fail(request: HttpRequest) -> dict[str, int]:
    write("fail")
    raise ZeroDivisionError


@router.post("/meet", response=dict[str, int], auth=needs("stock:write"))
def meet_other(request: HttpRequest) -> dict[str, int]:
    done.append("meet")
    meet.wait()
    write("meet")
    return {"number": 1}


@router.post("/outside", response=dict[str, bool], auth=needs("stock:write"))
@asks_outside
def outside(request: HttpRequest, answer: str = "yes") -> dict[str, bool]:
    done.append(answer)
    if answer == "wait":
        meet.wait()
        meet.wait()
    if answer == "no":
        raise NoMore(most=0)
    if answer == "fail":
        raise ZeroDivisionError
    return {"in_transaction": connection.in_atomic_block}


@router.post("/webhook", response=dict[str, int], auth=None)
def webhook(request: HttpRequest) -> dict[str, int]:
    write("webhook")
    return {"number": 1}


def person(request: HttpRequest, number: int) -> dict[str, Any]:
    if number == 7:
        return {"id": 7, "name": "as it is now"}
    raise NotFound(thing="person", name=number)


@router.post("/person", response={201: dict[str, Any]}, auth=needs("stock:write"))
@personal(read_again=person)
def make_person(request: HttpRequest, body: WriteIn) -> Status[dict[str, Any]]:
    if body.number > 10:
        raise NoMore(most="a secret")
    return Status(201, {"id": body.number, "name": "as it was"})


api = NinjaAPI(urls_namespace="once", parser=StrictParser(), renderer=Json(), docs_url=None)
api.add_decorator(once, mode="view")
answer_with_problems(api)
api.add_router("", router)
urlpatterns = [path("", api.urls)]


@pytest.fixture(autouse=True)
def _these_urls(settings: Any) -> None:
    settings.ROOT_URLCONF = __name__
    done.clear()
    meet.reset()


@pytest.fixture
def post(issue: Callable[..., keys.Issued]) -> Callable[..., Any]:
    token = issue().token

    def _post(where: str, body: object = None, *, key: str | None = None, token: str = token) -> Any:
        headers = {"Authorization": f"Bearer {token}"} | ({"Idempotency-Key": key} if key is not None else {})
        return Client().post(where, body or {}, content_type="application/json", headers=headers)

    return _post


Post = Callable[..., Any]


def test_the_same_request_again_gets_the_same_answer_and_does_nothing(post: Post) -> None:
    first = post("/write", {"number": 1}, key="k")
    again = post("/write", {"number": 1}, key="k")

    assert (first.status_code, first.json(), first.get("Idempotency-Replayed")) == (201, {"number": 1}, None)
    assert (again.status_code, again.json(), again.get("Idempotency-Replayed")) == (201, {"number": 1}, "true")
    assert again["Content-Type"] == first["Content-Type"]
    assert written() == 1


def test_without_a_key_each_request_is_done(post: Post) -> None:
    assert [post("/write", {"number": 1}).status_code for _ in range(2)] == [201, 201]
    assert written() == 2


def test_a_refusal_is_undone_and_remembered(post: Post) -> None:
    first = post("/write", {"number": 11}, key="k")
    again = post("/write", {"number": 11}, key="k")

    assert (first.status_code, first.json()["code"], first.json()["most"]) == (409, "no_more", 10)
    assert (again.status_code, again.json(), again["Idempotency-Replayed"]) == (409, first.json(), "true")
    assert again["Content-Type"] == "application/problem+json"
    assert written() == 0


def test_a_refusal_without_a_key_is_undone(post: Post) -> None:
    assert post("/write", {"number": 11}).status_code == 409
    assert written() == 0


def test_another_request_under_the_key_is_refused(post: Post) -> None:
    post("/write", {"number": 1}, key="k")

    other_body = post("/write", {"number": 2}, key="k")
    other_path = post("/write?x=1", {"number": 1}, key="k")

    for answer in (other_body, other_path):
        assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")
    assert written() == 1


def test_two_clients_may_use_one_key(post: Post, issue: Callable[..., keys.Issued]) -> None:
    post("/write", {"number": 1}, key="k")

    assert post("/write", {"number": 2}, key="k", token=issue().token).json() == {"number": 2}
    assert written() == 2


def test_a_malformed_request_is_not_remembered(post: Post) -> None:
    first = post("/write", {"number": "one"}, key="k")

    assert (first.status_code, first.json()["errors"][0]["pointer"]) == (422, "/number")
    assert post("/write", {"number": 1}, key="k").status_code == 201


def test_a_failure_is_undone_and_not_remembered(post: Post) -> None:
    first = post("/fail", key="k")

    assert (first.status_code, first.json()["code"]) == (500, "failed")
    assert "ZeroDivision" not in first.content.decode()
    assert written() == 0
    assert sql.value("SELECT count(*) FROM remembered_answer") == 0


def test_a_deadlock_is_run_again(post: Post) -> None:
    assert post("/deadlock", key="k").json() == {"tries": 3}
    assert post("/deadlock", key="k").json() == {"tries": 3}
    assert written() == 1


@pytest.mark.parametrize("key", ["", " ", "a b", "k" * 256, "ä"])
def test_what_is_not_a_key_is_refused(post: Post, key: str) -> None:
    answer = post("/write", {"number": 1}, key=key)

    assert (answer.status_code, answer.json()["code"]) == (422, "bad_idempotency_key")
    assert written() == 0


def test_two_at_once_under_one_key_are_done_once(post: Post) -> None:
    answers: list[Any] = []

    def ask() -> None:
        answers.append(post("/meet", key="k"))
        connection.close()

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    meet.wait()
    for thread in threads:
        thread.join(20)

    assert [answer.json() for answer in answers] == [{"number": 1}, {"number": 1}]
    assert done == ["meet"]
    assert written() == 1


def test_asking_outside_has_no_transaction_open(post: Post) -> None:
    first = post("/outside", key="k")
    again = post("/outside", key="k")

    assert first.json() == again.json() == {"in_transaction": False}
    assert done == ["yes"]
    refused = [post("/outside?answer=no", key="n") for _ in range(2)]
    assert [answer.status_code for answer in refused] == [409, 409]
    assert done == ["yes", "no"]


def test_while_the_outside_is_asked_the_same_request_is_told_to_wait(post: Post) -> None:
    answers: list[Any] = []

    def ask() -> None:
        answers.append(post("/outside?answer=wait", key="k"))
        connection.close()

    thread = threading.Thread(target=ask)
    thread.start()
    meet.wait()
    meanwhile = post("/outside?answer=wait", key="k")
    meet.wait()
    thread.join(20)

    assert (meanwhile.status_code, meanwhile.json()["code"]) == (409, "still_asking")
    assert post("/outside?answer=wait", key="k").json() == answers[0].json() == {"in_transaction": False}
    assert done == ["wait"]


def test_what_the_outside_did_is_not_done_again_after_a_failure(post: Post) -> None:
    assert post("/outside?answer=fail", key="k").status_code == 500
    assert post("/outside?answer=fail", key="k").json()["code"] == "still_asking"
    assert done == ["fail"]


def test_an_answer_about_a_person_is_not_kept(post: Post) -> None:
    first = post("/person", {"number": 7}, key="k")
    again = post("/person", {"number": 7}, key="k")
    refused = [post("/person", {"number": 11}, key="r").json() for _ in range(2)]

    assert first.json() == {"id": 7, "name": "as it was"}
    assert (again.status_code, again.json()) == (201, {"id": 7, "name": "as it is now"})
    assert refused[0]["most"] == "a secret"
    assert refused[1]["code"] == "no_more"
    kept = sql.rows("SELECT answer FROM remembered_answer")
    assert not [answer for (answer,) in kept if "as it was" in answer or "a secret" in answer]


def test_a_person_who_was_forgotten_is_not_told_again(post: Post) -> None:
    post("/person", {"number": 8}, key="k")

    assert post("/person", {"number": 8}, key="k").status_code == 404


def test_old_answers_are_forgotten(post: Post) -> None:
    post("/write", {"number": 1}, key="k")

    assert idempotency.forget_old(3600) == 0
    sql.run("UPDATE remembered_answer SET answered_at = now() - interval '2 hours'")
    assert idempotency.forget_old(3600) == 1
    assert post("/write", {"number": 1}, key="k").status_code == 201
    assert written() == 2


def test_where_nobody_is_known_no_key_is_kept(post: Post) -> None:
    assert [post("/webhook", key="k").status_code for _ in range(2)] == [200, 200]
    assert written() == 2
    assert sql.value("SELECT count(*) FROM remembered_answer") == 0
