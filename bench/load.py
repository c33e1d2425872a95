"""A light HTTP load: many keep-alive connections in one thread, each sending its next request when it was answered."""

import json
import selectors
import socket
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field


@dataclass
class Measured:
    """What a load saw."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    statuses: Counter[int] = field(default_factory=Counter)
    odd: list[bytes] = field(default_factory=list)  # the first answers that were neither 200 nor 201

    @property
    def answered(self) -> int:
        return len(self.latencies)

    @property
    def per_second(self) -> float:
        return self.answered / self.seconds

    def percentile_ms(self, percent: float) -> float:
        ordered = sorted(self.latencies)
        return ordered[min(len(ordered) - 1, int(len(ordered) * percent / 100))] * 1000


class Connection:
    """One connection, its answer so far, and when its request went out."""

    def __init__(self, host: str, port: int) -> None:
        self.socket = socket.create_connection((host, port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.received = b""
        self.needed = 0
        self.sent_at = 0.0

    def send(self, request: bytes) -> None:
        self.received, self.needed = b"", 0
        self.sent_at = time.perf_counter()
        self.socket.sendall(request)

    def receive(self) -> bool:
        """Read what is there; true where the answer is complete."""
        some = self.socket.recv(262144)
        if not some:
            raise ConnectionError("the server closed a connection")
        self.received += some
        if not self.needed:
            end = self.received.find(b"\r\n\r\n")
            if end < 0:
                return False
            head = self.received[:end].lower()
            at = head.find(b"content-length:")
            if at < 0:
                raise ConnectionError(f"an answer without a length: {head!r}")
            self.needed = end + 4 + int(head[at + 15 :].split(b"\r\n", 1)[0])
        return len(self.received) >= self.needed


def run(
    host: str, port: int, requests: Iterator[bytes], *, connections: int, seconds: float, most: int | None = None
) -> Measured:
    """Send `requests` over so many connections for so long (or until `most` are answered)."""
    measured = Measured()
    selector = selectors.DefaultSelector()
    started = time.perf_counter()
    until = started + seconds
    open_ones = [Connection(host, port) for _ in range(connections)]
    for one in open_ones:
        selector.register(one.socket, selectors.EVENT_READ, one)
        one.send(next(requests))
    waiting = connections
    while waiting:
        for key, _mask in selector.select(timeout=30):
            one = key.data
            if not one.receive():
                continue
            now = time.perf_counter()
            measured.latencies.append(now - one.sent_at)
            status = int(one.received[9:12])
            measured.statuses[status] += 1
            if status not in (200, 201) and len(measured.odd) < 3:
                measured.odd.append(one.received)
            if now < until and (most is None or measured.answered + waiting <= most):
                one.send(next(requests))
            else:
                waiting -= 1
    measured.seconds = time.perf_counter() - started
    for one in open_ones:
        one.socket.close()
    return measured


def request(method: str, path: str, key: str, body: object = None, headers: Callable[[], str] | None = None) -> bytes:
    """One request as it goes over the wire."""
    encoded = b"" if body is None else json.dumps(body, separators=(",", ":")).encode()
    extra = headers() if headers else ""
    return (
        f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {key}\r\n{extra}"
        f"Content-Type: application/json\r\nContent-Length: {len(encoded)}\r\n\r\n"
    ).encode() + encoded
