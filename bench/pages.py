"""The pages of the desk and of the shop at a million orders: how soon the server answers, how much a first visit
transfers (compressed, without pictures), and how soon Chromium has painted the largest thing on it."""

import re
import shutil
import statistics
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import httpx
from playwright.sync_api import Browser, BrowserContext, CDPSession, sync_playwright

from bench import load

ORDERS, BUYERS, SKUS = 1_000_000, 100_000, 10_000
EMAIL, PASSWORD = "owner@bench.example", "a bench stands in the park"
REQUESTS = 60  # of each kind
VISITS = 5
FIRST_VISITS = ("/desk", "/desk/orders", "/")  # by somebody who was never there before
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
FIRST_NAMES = ("Ada", "Grace", "Alan", "Edsger", "Barbara", "Donald", "Radia", "Tony", "Frances", "Niklaus")
LAST_NAMES = ("Lovelace", "Hopper", "Turing", "Dijkstra", "Liskov", "Knuth", "Perlman", "Hoare", "Allen", "Wirth")


def measure(bench: Any) -> None:
    """Sign in, and measure the pages; what Chromium says is left out where there is none."""
    bench.sql(COUNTED)
    words = ["people", "let-in", EMAIL, "--name", "Olivia Bench", "--role", "owner", "--password", PASSWORD]
    bench.command(*words)
    address = f"http://{bench.host}:{bench.port}"
    cookie = sign_in(address)
    by_kind = {kind: percentile_ms(bench, addresses, cookie) for kind, addresses in kinds()}
    bench.figures |= {"pages_p95_ms": by_kind, "page_p95_ms": max(by_kind.values())}
    program = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if program is not None:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=program, args=["--disable-dev-shm-usage"])
            visits = {path: first_visits(browser, address, path, cookie) for path in FIRST_VISITS}
            browser.close()
        bench.figures |= {
            "page_kb": max(kb for kb, _ms in visits.values()),
            "lcp_ms": max(ms for _kb, ms in visits.values()),
        }


def kinds() -> Iterator[tuple[str, list[str]]]:
    """The addresses of each kind of page, another one each time."""
    numbers = [f"B{(n * 16_381) % ORDERS + 1}" for n in range(1, REQUESTS + 1)]
    emails = [f"m{n * 613 % BUYERS}@example.com" for n in range(1, REQUESTS + 1)]
    codes = [f"SKU-{n * 131 % SKUS + 1}" for n in range(1, REQUESTS + 1)]
    names = [f"{FIRST_NAMES[n % 10]} {LAST_NAMES[n // 10 % 10]}" for n in range(REQUESTS)]
    yield "board", ["/desk"] * REQUESTS
    yield "list", [f"/desk/orders?status={('ready', 'unpaid')[n % 2]}" if n % 3 else "/desk/orders" for n in range(60)]
    yield "search by number", [f"/desk/orders?q={number}" for number in numbers]
    yield "search by e-mail", [f"/desk/orders?q={quote(email)}" for email in emails]
    yield "search by name", [f"/desk/orders?q={quote(name)}" for name in names]
    yield "search by SKU", [f"/desk/orders?q={quote('sku:' + code)}" for code in codes]
    yield "search by words", [f"/desk/orders?q={quote(name.split()[0])}" for name in names]
    yield "order", [f"/desk/orders/{number}" for number in numbers]
    yield "stock", ["/desk/stock"] * 10 + [f"/desk/stock?q={code}" for code in codes[10:]]
    yield "stock of a SKU", [f"/desk/stock/{code}" for code in codes]
    yield "customers", ["/desk/customers"] * 10 + [f"/desk/customers?q={quote(email)}" for email in emails[10:]]
    yield "exceptions", ["/desk/exceptions"] * 10
    yield "palette", [f"/desk/palette?q={number}" for number in numbers]


def sign_in(address: str) -> str:
    """Sign in as people do; answers the cookies."""
    with httpx.Client(base_url=address, timeout=60) as client:
        form = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', client.get("/sign-in").text)
        assert form is not None
        answer = client.post(
            "/sign-in", data={"csrfmiddlewaretoken": form[1], "email": EMAIL, "password": PASSWORD, "next": ""}
        )
        if answer.status_code != 303:
            raise SystemExit(f"signing in was answered with {answer.status_code}")
        return "; ".join(f"{name}={value}" for name, value in client.cookies.items())


def percentile_ms(bench: Any, addresses: list[str], cookie: str) -> float:
    """The 95th percentile of these pages, one request at a time; the first few warm up."""
    asked = [
        load.request("GET", path, "", headers=lambda: f"Cookie: {cookie}\r\nAccept-Encoding: gzip\r\n")
        for path in [*addresses[:3], *addresses]
    ]
    measured = load.run(bench.host, bench.port, iter([*asked, asked[0]]), connections=1, seconds=600, most=len(asked))
    if set(measured.statuses) != {200}:
        raise SystemExit(f"{addresses[0]}: {dict(measured.statuses)} {measured.odd[:1]}")
    measured.latencies = measured.latencies[3:]
    return measured.percentile_ms(95)


def first_visits(browser: Browser, address: str, path: str, cookie: str) -> tuple[float, float]:
    """KB that a first visit transfers, pictures aside, and the median of its largest contentful paint in ms."""
    transferred, painted = 0.0, []
    for _ in range(VISITS):
        context = browser.new_context(base_url=address)
        context.add_cookies(
            [
                {"name": name, "value": value, "url": address}
                for name, value in (one.split("=", 1) for one in cookie.split("; "))
            ]
        )
        kb, ms = first_visit(context, path)
        transferred = max(transferred, kb)
        painted.append(ms)
        context.close()
    return transferred, statistics.median(painted)


def first_visit(context: BrowserContext, path: str) -> tuple[float, float]:
    page = context.new_page()
    wire = Wire(context.new_cdp_session(page))
    page.goto(path, wait_until="load")
    page.wait_for_timeout(500)  # for what scripts fetch then, and the last paint
    painted = page.evaluate(LARGEST)
    return wire.bytes() / 1000, float(painted)


class Wire:
    """What comes over the wire, as Chromium's developer tools tell it."""

    def __init__(self, tools: CDPSession) -> None:
        self._pictures: set[str] = set()
        self._lengths: dict[str, float] = {}
        tools.on("Network.responseReceived", self._response)
        tools.on("Network.dataReceived", self._data)
        tools.on("Network.loadingFinished", self._finished)
        tools.send("Network.enable")

    def bytes(self) -> float:
        return sum(length for request, length in self._lengths.items() if request not in self._pictures)

    def _response(self, told: dict[str, Any]) -> None:
        if told["type"] == "Image":
            self._pictures.add(told["requestId"])

    def _data(self, told: dict[str, Any]) -> None:
        """Streams do not end: what came of them counts."""
        request = told["requestId"]
        self._lengths[request] = self._lengths.get(request, 0.0) + told["encodedDataLength"]

    def _finished(self, told: dict[str, Any]) -> None:
        self._lengths[told["requestId"]] = told["encodedDataLength"]


# What was sold is added up as the worker would have done by now: it was not made to read a million orders.
COUNTED = """
    DELETE FROM taking;
    INSERT INTO taking (quarter_at, channel_id, currency, orders, sold_minor, taken_back_minor)
    SELECT date_bin('15 minutes', e.at, timestamptz '2000-01-01 00:00+00'), o.channel_id, o.currency, count(*),
           sum((e.facts ->> 'total')::numeric * 100)::bigint, 0
      FROM event e
      JOIN orders o ON o.id = e.order_id
     WHERE e.kind = 'order.placed'
     GROUP BY 1, 2, 3;
    INSERT INTO reader_position (reader, cursor)
    SELECT 'takings', epoch || '.' || xact || '.' || id FROM event ORDER BY epoch DESC, xact DESC, id DESC LIMIT 1
        ON CONFLICT (reader) DO UPDATE SET cursor = excluded.cursor
"""

LARGEST = """() => new Promise((found) => {
    new PerformanceObserver((list) => found(list.getEntries().at(-1).startTime))
        .observe({ type: "largest-contentful-paint", buffered: true });
})"""
