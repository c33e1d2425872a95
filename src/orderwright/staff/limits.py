"""How often a program may call: a bucket of tokens for each key, in this process's memory."""

import threading
import time

from orderwright.staff.keys import Client

BURST_SECONDS = 10.0  # so much may be saved up while nothing is called
KEPT_MOST = 10_000


def seconds_to_wait(client: Client, calls: int = 1) -> float:
    """0 where the program may make so many calls now, and they are counted; else how long it must wait for them."""
    rate = client.calls_per_minute / 60
    full = max(rate * BURST_SECONDS, calls)
    now = time.monotonic()
    with _lock:
        if len(_buckets) >= KEPT_MOST:
            _buckets.clear()
        left, at = _buckets.get(client.id, (full, now))
        left = min(full, left + (now - at) * rate)
        if left < calls:
            _buckets[client.id] = (left, now)
            return (calls - left) / rate
        _buckets[client.id] = (left - calls, now)
        return 0.0


_lock = threading.Lock()
_buckets: dict[int, tuple[float, float]] = {}
