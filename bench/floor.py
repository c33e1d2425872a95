"""From the order to the door over HTTP: orders are released, their shipments leave, and carriers say where they are."""

import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

from orderwright.adapters.fake_carrier.signing import sign

from bench import drafts, load

T = TypeVar("T")
ORDERS = 6_000
AT_ONCE = 100  # orders, shipments or scans in a request
CONNECTIONS = 4
SECRET = "bench"
CARRIERS = f"fake=http://127.0.0.1:9={SECRET}"  # nobody listens there: it tells, and is not asked


def measure(bench: Any) -> None:
    """Orders released a second, shipments with a package confirmed a second, and scans heard a second."""
    bench.seed += 1
    requests = drafts.batch_requests(bench.key, bench.seed, AT_ONCE, method="invoice")
    placed = load.run(
        bench.host, bench.port, requests, connections=CONNECTIONS, seconds=600, most=ORDERS // AT_ONCE - 1
    )
    bench.counted(placed, placed.statuses[200] * AT_ONCE)
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


def _orders(numbers: Sequence[str]) -> list[dict[str, Any]]:
    return [{"orders": [{"number": number} for number in some]} for some in _portions(numbers)]


def _rate(bench: Any, path: str, bodies: Sequence[dict[str, Any]]) -> float:
    """Things a second; all of them must have been done."""
    requests = [load.request("POST", path, bench.key, body) for body in bodies]
    return _per_second(bench, requests) * AT_ONCE


def _scans(bench: Any, numbers: Sequence[str]) -> float:
    """Each package is said to be on its way, and then to be delivered."""
    requests = []
    for stage in ("in_transit", "delivered"):
        for some in _portions(numbers):
            headers, body = sign(SECRET, [_scan(number, stage) for number in some])
            requests.append(_signed(headers, body))
    return _per_second(bench, requests) * AT_ONCE


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
