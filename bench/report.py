"""The bars, and the table of what was measured against them."""

from collections.abc import Callable, Mapping
from typing import NamedTuple


class Bar(NamedTuple):
    key: str
    what: str
    bar: str
    holds: Callable[[float], bool]


BARS = [
    Bar("http_ratio", "orders/s over POST /v1/orders, 32 connections : baseline", ">= 1.0", lambda x: x >= 1.0),
    Bar("http_p99_ms", "the same, 99th percentile", "<= 100", lambda x: x <= 100),
    Bar("hot_ratio", "every order takes one SKU : spread", ">= 0.9", lambda x: x >= 0.9),
    Bar("bulk_ratio", "POST /v1/orders/batch, orders/s : baseline", ">= 1.5", lambda x: x >= 1.5),
    Bar("growth_ratio", "orders/s with 1,000,000 orders there : with none", ">= 0.85", lambda x: x >= 0.85),
    Bar("list_p95_ms", "GET /v1/orders by status and by e-mail at 1,000,000", "<= 50", lambda x: x <= 50),
    Bar("page_p95_ms", "pages of the desk at 1,000,000, the slowest kind of them", "<= 150", lambda x: x <= 150),
    Bar("page_kb", "KB of a first visit, compressed, without pictures", "<= 150", lambda x: x <= 150),
    Bar("lcp_ms", "largest contentful paint of a first visit", "<= 1000", lambda x: x <= 1000),
    Bar("import_lines_s", "lines/s of the file import", ">= 8000", lambda x: x >= 8000),
    Bar("release_orders_s", "orders/s released over POST /v1/orders/release", ">= 1500", lambda x: x >= 1500),
    Bar("ship_orders_s", "orders/s shipped in packages over HTTP", ">= 1500", lambda x: x >= 1500),
    Bar("scans_s", "scans/s heard in messages of 100", ">= 2000", lambda x: x >= 2000),
    Bar("webhooks_s", "webhooks/s to a fast endpoint beside a dead one", ">= 500", lambda x: x >= 500),
    Bar("replay_minutes", "minutes for a year of 19,785 orders to be played", "<= 15", lambda x: x <= 15),
    Bar("rss_mb", "memory of all our processes after the load", "<= 250", lambda x: x <= 250),
    Bar("oversold", "units sold that were not there", "0", lambda x: x == 0),
    Bar("lost", "acknowledged orders that are not there", "0", lambda x: x == 0),
]
BESIDE = ("flushes_s", "baseline_orders_s", "http_orders_s", "audit_s", "import_lines", "replay_lines")


def table(figures: Mapping[str, object]) -> str:
    """A Markdown table: each bar with its figure, and what is good to know beside it."""
    rows = ["| key | what | bar | measured |", "|---|---|---|---|"]
    for bar in BARS:
        if bar.key in figures:
            figure = _number(figures[bar.key])
            missed = "" if bar.holds(figure) else " (missed)"
            rows.append(f"| `{bar.key}` | {bar.what} | {bar.bar} | {_text(figure)}{missed} |")
    if "audit" in figures:
        rows.append(f"| `audit` | after all of it | clean | {figures['audit']} |")
    pages = figures.get("pages_p95_ms")
    if isinstance(pages, Mapping):
        rows += ["", "Pages: " + ", ".join(f"{kind} {_text(_number(ms))} ms" for kind, ms in pages.items())]
    beside = [f"{key} {_text(_number(figures[key]))}" for key in BESIDE if key in figures]
    return "\n".join([*rows, "", f"{figures.get('cores')} cores, {figures.get('machine')}; " + ", ".join(beside)])


def missed(figures: Mapping[str, object]) -> int:
    """How many bars were missed."""
    return sum(not bar.holds(_number(figures[bar.key])) for bar in BARS if bar.key in figures)


def _number(figure: object) -> float:
    return float(str(figure))


def _text(figure: float) -> str:
    return f"{figure:,.0f}" if figure >= 100 or figure == int(figure) else f"{figure:.2f}"
