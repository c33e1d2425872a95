"""Why units come from where they come from, as a clerk would say it, in the reader's language.

The log keeps each decision as it was taken: candidates, and what each strategy found of them.  Programs read that in
English by the API; people read here what it means.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from babel.numbers import format_decimal
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from orderwright.fulfilment.explaining import Candidate, Decision, LeftOut
from orderwright.fulfilment.reasons import Reason
from orderwright.fulfilment.sourcing.sorters import FAR_AWAY_KM, FEWEST_PARCELS
from orderwright.web.days import locale_of_reader

NEAREST, RANKED, SOONEST = "nearest", "ranked", "soonest"

OCCASIONS: Mapping[str, Promise] = {
    "order.placed": gettext_lazy("When the order came in"),
    "order.backorder_filled": gettext_lazy("When stock came in"),
    "order.sent_again": gettext_lazy("When it was to be sent once more"),
    "order.reallocated": gettext_lazy("When units were given to this order"),
    "fulfilment.rejected": gettext_lazy("After a location said no"),
    "fulfilment.moved": gettext_lazy("Moved by hand"),
}
# What a channel may look at, in the order that it names.
LOOKED_AT: Mapping[str, Promise] = {
    FEWEST_PARCELS: gettext_lazy("as few parcels as possible"),
    NEAREST: gettext_lazy("the shortest way to the customer"),
    RANKED: gettext_lazy("your own order of the locations"),
    SOONEST: gettext_lazy("the first day on which it can leave"),
}


class Weighed(NamedTuple):
    """A location that has some of it, and what there is to say of it."""

    location: str
    has: int
    of: int
    says: list[str]
    chosen: bool


class Explained(NamedTuple):
    """A decision in words: what was decided, among whom, by what, and who was not asked."""

    occasion: str | Promise
    at: datetime
    sentences: list[str]
    looked_at: list[str]
    candidates: list[Weighed]
    left_out: list[tuple[str, str]]


def explain(decisions: Sequence[Decision], names: Mapping[str, str]) -> list[Explained]:
    """Decisions as people read them, the last one first; `names` are those of locations, by code.  Pure."""
    return [_explained(one, names) for one in reversed(decisions)]


def _explained(decision: Decision, names: Mapping[str, str]) -> Explained:
    ranks = sorted({one.scores[RANKED] for one in decision.candidates if RANKED in one.scores})
    return Explained(
        OCCASIONS.get(decision.kind, ""),
        decision.at,
        [one for one in (_before(decision, names), _chosen(decision, names)) if one],
        [str(LOOKED_AT.get(name, name.replace("_", " "))) for name in decision.strategies],
        [Weighed(names.get(one.location, one.location), one.has, one.of, _says(one, ranks), one.chosen)
         for one in decision.candidates],
        [(names.get(one.location, one.location), _why(one)) for one in decision.left_out],
    )  # fmt: skip


def _before(decision: Decision, names: Mapping[str, str]) -> str:
    """Where the units were before."""
    if not decision.was_at:
        return ""
    units = ", ".join(f"{units} × {sku}" for sku, units in decision.were)
    place = names.get(decision.was_at, decision.was_at)
    if decision.kind == "fulfilment.rejected":
        reason = str(Reason(decision.reason).label) if decision.reason in Reason.values else decision.reason
        return _("{location} does not do {units}: {reason}.").format(location=place, units=units, reason=reason)
    return _("{units} were at {location}.").format(units=units, location=place)


def _chosen(decision: Decision, names: Mapping[str, str]) -> str:
    """Who was chosen, and what spoke for it."""
    chosen = [names.get(code, code) for code in decision.chosen]
    if not chosen:
        return _("No other location has any of it.") if decision.left_out else _("No location has any of it.")
    locations = _listed(chosen)
    if decision.kind == "fulfilment.moved" and not decision.candidates:
        return _("Somebody chose {location}.").format(location=chosen[0])
    wanted = max((one.of for one in decision.candidates), default=0)
    short = wanted - sum(one.quantity for one in decision.units if one.location is not None)
    if short > 0:
        sentence = ngettext(
            "{locations} has some of it; {short} of {units} units are nowhere to be had.",
            "{locations} have some of it; {short} of {units} units are nowhere to be had.",
            len(chosen),
        )
        return sentence.format(locations=locations, short=short, units=wanted)
    whole = sum(one.has >= wanted for one in decision.candidates)
    if len(chosen) > 1:
        together = _("{locations} together come first.").format(locations=locations)
        return together if whole else f"{_('No location has all of it.')} {together}"
    if whole == 1:
        return _("Only {location} has all of it.").format(location=chosen[0])
    sentence = _("{count} locations have all of it, and {location} comes first among them.")
    return sentence.format(location=chosen[0], count=whole)


def _listed(names: Sequence[str]) -> str:
    if len(names) == 1:
        return names[0]
    return _("{one} and {other}").format(one=", ".join(names[:-1]), other=names[-1])


def _says(one: Candidate, ranks: Sequence[float]) -> list[str]:
    """What speaks for a location, or against it; of the shop's own order of locations, where they differ in it."""
    said = []
    far = one.distance_km if one.distance_km is not None else one.scores.get(NEAREST)
    if far is not None:
        said.append(_far(far))
    for name, score in one.scores.items():
        if name == RANKED:
            if len(ranks) > 1:
                said.append(_("place {place} in your order").format(place=ranks.index(score) + 1))
        elif name == SOONEST:
            days = int(score)
            said.append(ngettext("can leave in {days} day", "can leave in {days} days", days).format(days=days)
                        if days else _("can leave today"))  # fmt: skip
        elif name not in (FEWEST_PARCELS, NEAREST):
            said.append(f"{name.replace('_', ' ')} {score:g}")
    return said


def _far(kilometres: float) -> str:
    if kilometres >= FAR_AWAY_KM:
        return _("nobody knows how far away")
    return _("{distance} km away").format(distance=format_decimal(round(kilometres), locale=locale_of_reader()))


def _why(one: LeftOut) -> str:
    """Why a location was not asked; the log has the reason's word, at the end of a sentence or alone."""
    word = one.why.rstrip(".").rpartition(" ")[2]
    return str(Reason(word).label) if word in Reason.values else one.why
