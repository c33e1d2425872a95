"""The tags that every template knows: money, times, states, icons, files."""

from datetime import date, datetime
from typing import Any

from babel import Locale
from babel.dates import format_datetime, format_timedelta
from babel.numbers import format_currency, format_decimal
from django import template
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from orderwright.kernel import clock
from orderwright.kernel.money import decimals
from orderwright.web import assets
from orderwright.web.days import day_in_words, locale_of_reader, time_in_words
from orderwright.web.icons import ICONS
from orderwright.web.words import word

register = template.Library()

MICROS = 1_000_000
RECENT_SECONDS = 6 * 86400


@register.simple_tag
def money(minor: int | None, currency: str) -> str:
    """An amount in the order's currency, as the reader's language writes it."""
    if minor is None:
        return ""
    return str(format_currency(minor / 10 ** decimals(currency), currency, locale=locale_of_reader()))


@register.simple_tag
def price(micros: int | None, currency: str) -> str:
    """A unit price, which may have more digits than the currency's coins."""
    if micros is None:
        return ""
    return str(format_currency(micros / MICROS, currency, locale=locale_of_reader(), decimal_quantization=False))


@register.filter
def number(value: int | float | None) -> str:
    """A count with the reader's separators."""
    return "" if value is None else str(format_decimal(value, locale=locale_of_reader()))


@register.filter
def country(code: str) -> str:
    """A country by its name; the code, where nobody knows it."""
    return str(Locale.parse(locale_of_reader()).territories.get(code, code))


@register.simple_tag
def when(moment: datetime | None) -> SafeString | str:
    """A moment in the reader's time zone."""
    if moment is None:
        return ""
    return _time(moment, time_in_words(moment))


@register.simple_tag
def day(on: date | datetime | None) -> SafeString | str:
    """A day, with its weekday; of a moment, the day it has in the reader's time zone."""
    if on is None:
        return ""
    local = timezone.localtime(on).date() if isinstance(on, datetime) else on
    return format_html('<time datetime="{}">{}</time>', local.isoformat(), day_in_words(local))


@register.simple_tag
def ago(moment: datetime | None) -> SafeString | str:
    """How long ago, or how far ahead; days on, the date."""
    if moment is None:
        return ""
    between = moment - clock.now()
    if abs(between.total_seconds()) > RECENT_SECONDS:
        return when(moment)
    return _time(moment, format_timedelta(between, add_direction=True, locale=locale_of_reader()))


@register.simple_tag
def age(moment: datetime | None) -> str:
    """How old something is, in its largest unit."""
    if moment is None:
        return ""
    return str(format_timedelta(clock.now() - moment, format="short", locale=locale_of_reader()))


@register.filter
def lasting(seconds: int | None) -> str:
    """A time that something takes: "30 minutes", "2 weeks"."""
    return "" if seconds is None else str(format_timedelta(seconds, threshold=1.5, locale=locale_of_reader()))


@register.inclusion_tag("parts/badge.html")
def status(family: str, value: str) -> dict[str, Any]:
    """A state as a badge: one word and one colour everywhere."""
    found = word(family, str(value))
    return {"label": found.label, "tone": found.tone}


@register.inclusion_tag("parts/badge.html")
def badge(label: str, tone: str = "calm") -> dict[str, Any]:
    """A word of its own as a badge."""
    return {"label": label, "tone": tone}


@register.simple_tag
def icon(name: str) -> SafeString:
    """A drawing that says nothing by itself: the word stands beside it."""
    return mark_safe(f'<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">{ICONS[name]}</svg>')


@register.simple_tag
def asset(name: str) -> str:
    """The address of one of our styles or scripts."""
    return assets.url(name)


@register.simple_tag(takes_context=True)
def same_with(context: Any, **changes: Any) -> str:
    """The address of this page with other parameters; empty ones go."""
    query = context["request"].GET.copy()
    for name, value in changes.items():
        query.pop(name, None)
        if value not in ("", None):
            query[name] = str(value)
    return f"?{query.urlencode()}"


@register.simple_tag(takes_context=True)
def in_cart(context: Any) -> SafeString | str:
    """How many pieces the visitor's cart has, as a mark; nothing where it is empty."""
    session = getattr(context.get("request"), "session", None)
    cart = session.get("cart") if session is not None else None
    count = sum(quantity for quantity in cart.values() if isinstance(quantity, int)) if isinstance(cart, dict) else 0
    return format_html('<b class="cart-count">{}</b>', number(count)) if count else ""


def _time(moment: datetime, words: str) -> SafeString:
    local = timezone.localtime(moment)
    full = format_datetime(local, "full", locale=locale_of_reader())
    return format_html('<time datetime="{}" title="{}">{}</time>', moment.isoformat(), full, words)
