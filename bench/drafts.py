"""The orders that the bench places: three lines each, SKUs drawn by a Zipf law as the baseline draws them."""

import random
import uuid
from bisect import bisect_left
from collections.abc import Iterator
from itertools import accumulate

SKUS = 10_000
EXPONENT = 1.1


class Popularity:
    """Draws numbers from 1 to SKUS, the first the most popular: P(k) is proportional to k to the power -1.1."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.heights = list(accumulate(k**-EXPONENT for k in range(1, SKUS + 1)))

    def draw(self) -> int:
        return bisect_left(self.heights, self.random.random() * self.heights[-1]) + 1

    def three(self, first: int | None = None) -> list[int]:
        """Three different numbers; the first may be given."""
        drawn = {first} if first else set()
        while len(drawn) < 3:
            drawn.add(self.draw())
        return sorted(drawn)


def drafts(seed: int, *, hot: bool = False, method: str = "bank_transfer") -> Iterator[str]:
    """Order drafts as JSON, without end; with `hot`, every order takes the first SKU."""
    popularity = Popularity(seed)
    chance = popularity.random
    while True:
        lines = ",".join(
            f'{{"sku":"SKU-{sku}","quantity":{chance.randint(1, 3)}}}' for sku in popularity.three(1 if hot else None)
        )
        yield (
            f'{{"channel":"bench","customer":{{"email":"c{chance.randrange(100_000)}@example.com"}},'
            f'"lines":[{lines}],"tenders":[{{"method":"{method}"}}]}}'
        )


def single_requests(key: str, seed: int, *, hot: bool = False) -> Iterator[bytes]:
    """`POST /v1/orders`, each with an idempotency key of its own."""
    for draft in drafts(seed, hot=hot):
        yield (
            f"POST /v1/orders HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {key}\r\n"
            f"Idempotency-Key: {uuid.uuid4().hex}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(draft)}\r\n\r\n{draft}"
        ).encode()


def batch_requests(key: str, seed: int, size: int, *, method: str = "bank_transfer") -> Iterator[bytes]:
    """`POST /v1/orders/batch`, `size` orders each."""
    endless = drafts(seed, method=method)
    while True:
        body = '{"orders":[' + ",".join(next(endless) for _ in range(size)) + "]}"
        yield (
            f"POST /v1/orders/batch HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {key}\r\n"
            f"Idempotency-Key: {uuid.uuid4().hex}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n{body}"
        ).encode()
