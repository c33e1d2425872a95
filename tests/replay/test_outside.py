"""The world around a play: messages are kept until they are taken, and the receiver answers and counts."""

import subprocess
import sys
import time

import httpx

from orderwright.replay.outside import Inbox
from orderwright.runtime.tcp_ports import any_free


def test_messages_are_kept_in_order_until_they_are_taken() -> None:
    inbox = Inbox()
    try:
        for body in (b"one", b"two"):
            assert (
                httpx.post(f"{inbox.url}/v1/carriers/fake/webhook", content=body, headers={"X-Id": "1"}).status_code
                == 204
            )

        taken = inbox.take()

        assert [message.body for message in taken] == [b"one", b"two"]
        assert taken[0].headers["x-id"] == "1"
        assert inbox.take() == []
    finally:
        inbox.close()


def test_the_receiver_answers_and_counts() -> None:
    port = any_free()
    process = subprocess.Popen([sys.executable, "-m", "orderwright.replay.receiver", str(port)])
    try:
        url = f"http://127.0.0.1:{port}"
        _wait_for(url)
        with httpx.Client(base_url=url) as client:
            answers = [client.post("/replay", content=b"x" * size).status_code for size in (0, 10, 100_000)]

            assert answers == [204, 204, 204]
            assert client.get("/").text == "3"
    finally:
        process.terminate()
        process.wait()


def _wait_for(url: str) -> None:
    end = time.monotonic() + 20
    while time.monotonic() < end:
        try:
            httpx.get(url)
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("the receiver did not come up")
