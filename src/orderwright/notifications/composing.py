"""Composing: a letter's subject, HTML and text, in the reader's language, out of what was gathered."""

import logging
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime
from babel.numbers import format_currency
from django.conf import settings
from django.utils import translation
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from orderwright.customers import linking
from orderwright.kernel.money import decimals, minor
from orderwright.notifications import structured
from orderwright.notifications.comparing import News, news, tells
from orderwright.notifications.gathering import Gathered, LineSold
from orderwright.notifications.kinds import KINDS, TELLS_NEW_DAYS, WAITS_FOR_MONEY
from orderwright.notifications.promising import read
from orderwright.notifications.templating import Pair, render, templates_of
from orderwright.orders import claiming
from orderwright.payments.linking import pay_url, track_url

log = logging.getLogger(__name__)

BLANK_LINES = re.compile(r"\n[ \t]*(\n[ \t]*)+\n")


class Composed(NamedTuple):
    language: str
    subject: str
    html: str
    text: str
    told: Mapping[str, str | None] | None = None  # the days that it tells, by the line's position


class Speech:
    """Dates and money as one language writes them."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.locale = Locale.parse(language)
        self._money: Callable[[int, str], str] = lru_cache(4096)(self._write_money)
        self._day: Callable[[date], str] = lru_cache(1024)(self._write_day)

    def money(self, minor_units: int, currency: str) -> str:
        return self._money(minor_units, currency)

    def day(self, day: date | None) -> str:
        return self._day(day) if day else ""

    def moment(self, moment: datetime, zone: str) -> str:
        """A moment where it happened: "Monday, November 23, 2026 at 2:15 PM"."""
        local = moment.astimezone(ZoneInfo(zone))
        return str(format_datetime(local, "EEEE, d. MMMM, HH:mm" if self.language == "de" else "EEEE, MMMM d, h:mm a",
                                   locale=self.locale))  # fmt: skip

    def _write_money(self, minor_units: int, currency: str) -> str:
        return str(format_currency(minor_units / 10 ** decimals(currency), currency, locale=self.locale))

    def _write_day(self, day: date) -> str:
        return str(format_date(day, "EEEE, d. MMMM" if self.language == "de" else "EEEE, MMMM d", locale=self.locale))


def language_of(wanted: str) -> str:
    """The language that we have and that is nearest to the one that is wanted."""
    spoken = dict(settings.LANGUAGES)
    return wanted if wanted in spoken else next((one for one in [wanted.split("-")[0].lower()] if one in spoken), "en")


def compose(letter: Gathered, *, unsubscribe_url: str = "", language: str = "") -> Composed:
    """Write a letter.  For an SMS the text is its subject, with the link that tracks the parcel."""
    chosen = language_of(language or letter.language or settings.LANGUAGE_CODE)
    with translation.override(chosen):
        words = _words(letter, _speech(chosen), unsubscribe_url)
        try:
            subject, html, text = _render(templates_of(letter.kind), words)
        except Exception as error:
            if not settings.LETTER_TEMPLATES:
                raise
            log.warning("The shop's own template of %s fails; ours is used.", letter.kind, exc_info=error)
            subject, html, text = _render(templates_of(letter.kind, ours=True), words)
        if letter.channel == "sms":
            return Composed(chosen, subject, "", _short(subject, words), tells(letter))
        return Composed(chosen, subject, html, text, tells(letter))


def _render(pair: Pair, words: dict[str, Any]) -> tuple[str, str, str]:
    """Subject, HTML and text."""
    head, _newline, body = render(pair.text, words).lstrip().partition("\n")
    subject = " ".join(head.removeprefix("Subject:").split())
    return subject, render(pair.html, words | {"subject": subject}), BLANK_LINES.sub("\n\n", body).strip() + "\n"


def _short(subject: str, words: Mapping[str, Any]) -> str:
    package = words["package"]
    return " ".join(filter(None, [f"{settings.SHOP_NAME}: {subject}", package["tracking_url"] if package else ""]))


@lru_cache
def _speech(language: str) -> Speech:
    return Speech(language)


def _words(letter: Gathered, speech: Speech, unsubscribe_url: str) -> dict[str, Any]:
    """All that a template may say."""
    facts, currency = letter.facts, letter.currency or str(letter.facts.get("currency") or "")
    owed = letter.total_minor - letter.captured_minor + letter.refunded_minor
    words: dict[str, Any] = {
        "kind": letter.kind,
        "kind_name": KINDS[letter.kind].name,
        "language": speech.language,
        "shop": {"name": settings.SHOP_NAME, "url": settings.SHOP_URL},
        "bank_details": settings.BANK_DETAILS.replace("\\n", "\n"),
        "order": {"number": letter.number, "placed_on": speech.day(letter.placed_on)},
        "name": letter.name,
        "address": _address(letter.ship_to),
        "facts": facts,
        "unsubscribe_url": "" if KINDS[letter.kind].staff or KINDS[letter.kind].always else unsubscribe_url,
        "sign_in_url": _sign_in_url(letter),
        "claim_url": _claim_url(letter),
        "happened_at": _happened_at(letter, speech),
        "package": _package(letter),
        "lines": _lines(letter, speech, currency),
        "changes": _changes(letter, speech),
        "amount": _amount(facts, speech),
    }
    if currency:
        words |= {
            "total": speech.money(letter.total_minor, currency),
            "due": speech.money(owed, currency),
            "sums": _sums(letter, speech, currency),
            "is_paid": letter.captured_minor > 0,
            "is_due": letter.payment in WAITS_FOR_MONEY,
            "track_url": track_url(letter.order_id) if letter.order_id is not None and letter.customer_id else "",
            "pay_url": pay_url(letter.order_id) if letter.order_id is not None and owed > 0 else "",
        }
    words["structured"] = mark_safe(structured.write(letter)) if letter.number else ""
    return words


def _sign_in_url(letter: Gathered) -> str:
    if letter.kind != "sign_in_link" or letter.customer_id is None:
        return ""
    return f"{settings.SHOP_URL}/account/in/{linking.token_of(letter.customer_id, letter.event_id)}"


def _claim_url(letter: Gathered) -> str:
    if letter.kind != "claim_link":
        return ""
    return f"{settings.SHOP_URL}/account/claim/{claiming.token_of(letter.event_id)}"


def _amount(facts: Mapping[str, Any], speech: Speech) -> str:
    """The money that an event speaks of: of a tender in minor units, of an order as a decimal number."""
    currency = str(facts.get("currency") or "")
    if currency and facts.get("amount_minor") is not None:
        return speech.money(facts["amount_minor"], currency)
    text = facts.get("taken_back")
    return speech.money(minor(str(text), currency), currency) if text and currency else ""


def _happened_at(letter: Gathered, speech: Speech) -> str:
    zone = str(letter.facts.get("time_zone") or settings.SHOP_TIME_ZONE)
    return speech.moment(letter.at, zone if zone in _zones() else "UTC")


@lru_cache
def _zones() -> frozenset[str]:
    from_babel = Locale.parse("en").time_zones
    return frozenset({*from_babel, "UTC"})


def _package(letter: Gathered) -> dict[str, str] | None:
    """The package that the letter is about: as it is known now, or as the event tells of it."""
    seen, facts = letter.package, letter.facts
    told = next((one for one in facts.get("packages") or () if isinstance(one, dict)
                 and one.get("package") == letter.package_name), facts)  # fmt: skip
    if not letter.package_name:
        return None
    url = (seen.tracking_url if seen else "") or str(told.get("tracking_url") or "")
    return {
        "name": letter.package_name,
        "carrier": _carrier((seen.carrier if seen else "") or str(told.get("carrier") or "")),
        "tracking_number": (seen.tracking_number if seen else "") or str(told.get("tracking_number") or ""),
        "tracking_url": url if url.startswith(("https://", "http://")) else "",
        "place": str(facts.get("place") or ""),
    }


def _carrier(code: str) -> str:
    return code.replace("_", " ").title() if code.islower() else code


def _lines(letter: Gathered, speech: Speech, currency: str) -> list[dict[str, Any]]:
    """What the letter is about: its package's own units, the units of its event, or all of the order."""
    by_position = {line.position: line for line in letter.lines}
    own = letter.package.contents if letter.package else None
    if own is None and letter.event not in ("order.placed", "order.confirmed", "order.edited"):
        units = [one for one in letter.facts.get("units") or () if isinstance(one, dict)]
        own = [(one["line"], one["quantity"]) for one in units]
    if own is not None:
        together: dict[int, int] = {}
        for position, quantity in own:
            together[position] = together.get(position, 0) + quantity
        return [
            {"name": _name(by_position[position], by_position), "sku": by_position[position].sku, "quantity": quantity}
            for position, quantity in sorted(together.items())
            if position in by_position
        ]
    return [
        {
            "name": line.name,
            "sku": line.sku,
            "quantity": line.quantity,
            "total": speech.money(line.total_minor, currency),
            "note": _note(line, letter, speech),
        }
        for line in letter.lines
        if line.kit is None
    ]


def _name(line: LineSold, by_position: Mapping[int, LineSold]) -> str:
    kit = by_position.get(line.kit) if line.kit is not None else None
    return _("%(part)s (part of %(kit)s)") % {"part": line.name, "kit": kit.name} if kit else line.name


def _note(line: LineSold, letter: Gathered, speech: Speech) -> str:
    """When a line comes, and what of it waits for stock."""
    parts = [part for part in letter.lines if part.kit == line.position]
    promises = [letter.promises[one.position] for one in [line, *parts] if one.position in letter.promises]
    days = [promise.deliver_on or promise.ship_on for promise in promises]
    last = max((day for day in days if day), default=None)
    waiting = line.waiting or max((part.waiting for part in parts), default=0)
    if waiting and last:
        return _("waiting for stock: %(units)s; expected %(day)s") % {"units": waiting, "day": speech.day(last)}
    if waiting:
        return _("waiting for stock: %(units)s") % {"units": waiting}
    return _("expected %(day)s") % {"day": speech.day(last)} if last else ""


def _changes(letter: Gathered, speech: Speech) -> list[dict[str, str]]:
    """The dates that changed since the reader was told of them, before and now, with the reason in words.

    What is sent once more by hand, or only looked at, tells those that its event changed.
    """
    if letter.kind not in TELLS_NEW_DAYS:
        return []
    by_position = {line.position: line for line in letter.lines}
    is_copy = letter.copy or not letter.id
    changed = [_of_event(line) for line in letter.facts.get("lines") or ()] if is_copy else news(letter)
    return [
        {
            "name": _name(by_position[one.position], by_position),
            "was": speech.day(one.was),
            "now": speech.day(one.now) or _("not known yet"),
            "reason": "" if one.is_sooner else reason_in_words(one.reason),
        }
        for one in changed
        if one.position in by_position
    ]


def _of_event(line: Mapping[str, Any]) -> News:
    return News(line["line"], read(line, "was_").day, read(line).day, str(line.get("reason") or ""))


def reason_in_words(reason: str) -> str:
    """Why a date changed, for a customer; nothing where it is nobody's concern."""
    return {
        "receipt": _("We wait for goods to come in."),
        "lead_time": _("We have to order it first."),
        "in_work": _("It leaves us later than planned."),
        "in_stock": _("It leaves us later than planned."),
        "on_its_way": _("The parcel takes longer than planned."),
    }.get(reason, "")


def _sums(letter: Gathered, speech: Speech, currency: str) -> list[tuple[str, str]]:
    labels = {"shipping": _("Shipping"), "tax": _("Tax"), "discount": _("Discount"), "fee": _("Fee"),
              "goodwill": _("Goodwill"), "cancellation": _("Canceled")}  # fmt: skip
    sums: dict[str, int] = {}
    for one in letter.adjustments:
        is_named = one.label not in ("", one.kind) and one.kind != "cancellation"
        label = one.label if is_named else labels.get(one.kind, one.kind)
        if one.included:
            label = _("%(tax)s (included)") % {"tax": label}
        sums[label] = sums.get(label, 0) + one.amount_minor
    return [(label, speech.money(amount, currency)) for label, amount in sums.items()]


def _address(ship_to: Mapping[str, str]) -> list[str]:
    """Where the goods go, line by line; empty where that is not known."""
    town = " ".join(filter(None, [ship_to.get("postal_code"), ship_to.get("city")]))
    lines = [ship_to.get("name"), ship_to.get("company"), *(ship_to.get("street") or "").splitlines(), town,
             ship_to.get("region")]  # fmt: skip
    known: Sequence[str] = [line for line in lines if line]
    country = Locale.parse(translation.get_language() or "en").territories.get(ship_to.get("country") or "", "")
    return [*known, country] if known and country else list(known)
