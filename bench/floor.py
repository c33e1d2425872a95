"""From the order to the door over HTTP: orders are released, their shipments leave, and carriers say where they are."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any, TypeVar

from bench import drafts, load
from orderwright.adapters.signing import sign

T = TypeVar("T")
ORDERS = 6_000
AT_ONCE = 100  # orders, shipments or scans in a request
CONNECTIONS = 4
SECRET = "bench"
READERS_PATIENCE_SECONDS = 300
CARRIERS = f"fake=http://127.0.0.1:9={SECRET}"  # nobody listens there: it tells, and is not asked


def measure(bench: Any) -> None:
    """Orders released a second, shipments with a package confirmed a second, and scans heard a second."""
    bench.seed += 1
    requests = drafts.batch_requests(bench.key, bench.seed, AT_ONCE, method="invoice")
    placed = load.run(
        bench.host, bench.port, requests, connections=CONNECTIONS, seconds=600, most=ORDERS // AT_ONCE - 1
    )
    bench.counted(placed, placed.statuses[200] * AT_ONCE)
    _wait_for_readers(bench)
    numbers = [number for (number,) in bench.sql(READY)]
    bench.figures["release_orders_s"] = _rate(bench, "/v1/orders/release", _orders(numbers))
    packed = subprocess.run(
        [sys.executable, "-m", "bench.packing"], env=bench.environment, capture_output=True, text=True, check=False
    )
    if packed.returncode:
        raise SystemExit(packed.stderr)
    shipments = [name for (name,) in bench.sql("SELECT name FROM shipment WHERE state = 'prepared' ORDER BY id")]
    bench.figures["ship_orders_s"] = _rate(
        bench, "/v1/shipments/confirm", [{"shipments": some} for some in _portions(shipments)]
    )
    tracked = bench.sql("SELECT tracking_number FROM package WHERE carrier = 'fake' ORDER BY id")
    bench.figures["scans_s"] = _scans(bench, [number for (number,) in tracked])


def _wait_for_readers(bench: Any) -> None:
    """Until promises and letters have caught up with what was placed: it was placed faster than a day's orders come."""
    end = time.monotonic() + READERS_PATIENCE_SECONDS
    while bench.sql(BEHIND) != [(0, 0)] and time.monotonic() < end:
        time.sleep(0.5)


def _orders(numbers: Sequence[str]) -> list[dict[str, Any]]:
    return [{"orders": [{"number": number} for number in some]} for some in _portions(numbers)]


def _rate(bench: Any, path: str, bodies: Sequence[dict[str, Any]]) -> float:
    """Things a second; all of them must have been done."""
    requests = [load.request("POST", path, bench.key, body) for body in bodies]
    return _per_second(bench, requests) * AT_ONCE


def _scans(bench: Any, numbers: Sequence[str]) -> float:
    """Each package is said to be on its way, and then to be delivered."""
    requests = []
    for code in ("DEPARTED", "DELIVERED"):
        for some in _portions(numbers):
            requests.append(_message([_scan(number, code) for number in some], f"bench-{len(requests)}"))
    return _per_second(bench, requests) * AT_ONCE


def _scan(number: str, code: str) -> dict[str, str]:
    at = datetime.now(UTC).isoformat()
    said = {"id": f"{number}-{code}", "tracking_number": number, "code": code, "at": at}
    return {**said, "time_zone": "UTC", "place": "", "words": ""}


def _message(scans: Sequence[dict[str, str]], id_: str) -> bytes:
    """A signed message, as it goes over the wire."""
    body = json.dumps({"scans": scans}).encode()
    signed = sign(SECRET, id_, datetime.now(UTC), body)
    headers = "".join(f"{name}: {said}\r\n" for name, said in signed.items())
    return (
        f"POST /v1/carriers/fake/webhook HTTP/1.1\r\nHost: 127.0.0.1\r\n{headers}"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode() + body


def _per_second(bench: Any, requests: Sequence[bytes]) -> float:
    started = time.perf_counter()
    measured = load.run(
        bench.host,
        bench.port,
        iter([*requests, *requests[:CONNECTIONS]]),
        connections=CONNECTIONS,
        seconds=600,
        most=len(requests) - 1,
    )
    if set(measured.statuses) != {200}:
        raise SystemExit(f"unexpected answers: {dict(measured.statuses)} {measured.odd}")
    return len(requests) / (time.perf_counter() - started)


def _portions(things: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(things), AT_ONCE):
        yield things[start : start + AT_ONCE]


READY = "SELECT o.number FROM orders o JOIN order_summary s ON s.order_id = o.id WHERE s.status = 'ready' ORDER BY o.id"

BEHIND = """
    SELECT count(*) FILTER (WHERE r.cursor <> e.cursor), (SELECT count(*) FROM letter WHERE state = 'waiting')
      FROM reader_position r,
           (SELECT epoch || '.' || xact || '.' || id AS cursor
              FROM event ORDER BY epoch DESC, xact DESC, id DESC LIMIT 1) e
     WHERE r.reader IN ('promises', 'letters')
"""
