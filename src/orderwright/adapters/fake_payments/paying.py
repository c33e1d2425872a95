"""What payers see and send at the fake provider: cards become tokens, steps are done, and all go back to their shop."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol
from urllib.parse import quote, urlsplit

import msgspec

from orderwright.adapters.fake_payments import pages
from orderwright.adapters.fake_payments.behaving import behaviour
from orderwright.adapters.fake_payments.cards import BadCard, new_token, words_for
from orderwright.adapters.fake_payments.ledger import Authorization, Ledger
from orderwright.kernel.money import write

HTML, JSON = "text/html; charset=utf-8", "application/json"
POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; frame-ancestors {who}"


class Provider(Protocol):
    """What of the provider's server these pages need."""

    ledger: Ledger
    now: Callable[[], datetime]

    def confirm(self, reference: str, *, agreed: bool, reason: str = ...) -> bool: ...

    def is_shops(self, url: str) -> bool: ...


@dataclass(frozen=True)
class Shown:
    """An answer to a browser."""

    status: int
    body: str
    kind: str = HTML
    headers: Mapping[str, str] = field(default_factory=dict)


def show(fake: Provider, path: Sequence[str], query: Mapping[str, str]) -> Shown | None:
    """A page that a browser gets; None where there is none at this path."""
    match path:
        case ["fields"]:
            shop = query.get("shop", "")
            return _framed(shop, query) if fake.is_shops(shop) else _nothing()
        case ["fields.js"]:
            return Shown(200, pages.SCRIPT, "text/javascript; charset=utf-8")
        case ["fields.css"]:
            return Shown(200, pages.STYLE, "text/css; charset=utf-8")
        case ["pay" | "confirm" as what, reference]:
            found = fake.ledger.authorizations.get(reference)
            if found is None:
                return _nothing()
            return _page(pages.own_page(_amount(found)) if what == "pay" else pages.step(_amount(found)))
    return None


def take(fake: Provider, path: Sequence[str], query: Mapping[str, str], form: Mapping[str, str]) -> Shown | None:
    """What a payer sent; None where nothing takes it at this path."""
    match path:
        case ["tokens"]:
            return _token(fake, form)
        case ["confirm", reference]:
            known = fake.confirm(reference, agreed=form.get("outcome") == "agree")
            return _back(fake, query) if known or query.get("return_url") else Shown(404, "{}", JSON)
        case ["pay", reference]:
            found = fake.ledger.authorizations.get(reference)
            return _nothing() if found is None else _pay(fake, found, query, form)
    return None


def _token(fake: Provider, form: Mapping[str, str]) -> Shown:
    try:
        told: dict[str, str] = {"token": new_token(_words(fake, form))}
    except BadCard as bad:
        told = {"problem": pages.said(str(bad), form.get("language", "")), "field": bad.field}
    return Shown(200, msgspec.json.encode(told).decode(), JSON)


def _pay(fake: Provider, found: Authorization, query: Mapping[str, str], form: Mapping[str, str]) -> Shown:
    """A card on the provider's own page: it pays, is declined, or leads on to the bank's step."""
    if form.get("outcome") == "refuse":
        fake.confirm(found.reference, agreed=False)
        return _back(fake, query)
    try:
        found.token = new_token(_words(fake, form))
    except BadCard as bad:
        again = pages.own_page(
            _amount(found), number=form.get("number", ""), expiry=form.get("expiry", ""), problem=str(bad)
        )
        return _page(again, status=402)
    how = behaviour(found.token, "authorize").answer
    if how == "3ds":
        onwards = f"/confirm/{found.reference}?return_url={quote(query.get('return_url', ''), safe='')}"
        return Shown(303, "", headers={"Location": onwards})
    declined = how.startswith("decline")
    fake.confirm(found.reference, agreed=not declined, reason=how.partition("=")[2] or "refused")
    return _back(fake, query)


def _words(fake: Provider, form: Mapping[str, str]) -> str:
    return words_for(form.get("number", ""), form.get("expiry", ""), form.get("code", ""), fake.now())


def _back(fake: Provider, query: Mapping[str, str]) -> Shown:
    """To the shop, if it is the shop's address; a payment page is no way to lead people anywhere else."""
    back = query.get("return_url", "")
    return Shown(303, "", headers={"Location": back}) if fake.is_shops(back) else _page(pages.done())


def _framed(shop: str, query: Mapping[str, str]) -> Shown:
    return _page(pages.framed(shop, query.get("language", "")), who=_origin(shop))


def _page(body: str, *, status: int = 200, who: str = "'none'") -> Shown:
    return Shown(status, body, headers={"Content-Security-Policy": POLICY.format(who=who), "Cache-Control": "no-store"})


def _nothing() -> Shown:
    return Shown(404, "There is nothing here.", "text/plain; charset=utf-8")


def _amount(found: Authorization) -> str:
    return f"{write(found.waiting, found.currency)} {found.currency}"


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
