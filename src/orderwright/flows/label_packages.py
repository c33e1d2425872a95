"""Labelling packages: a carrier is asked for a label, again where it refused one, or asked to take one back."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from django.db import transaction

from orderwright.flows._collecting import collect
from orderwright.flows._each import each
from orderwright.flows._following import follow
from orderwright.kernel.actors import Actor
from orderwright.kernel.errors import NotFound, Refusal
from orderwright.kernel.events import Happening, record
from orderwright.orders.locking import lock_orders
from orderwright.shipping import asking, carriers, hearing, labelling, settling
from orderwright.shipping.asking import Wanted
from orderwright.shipping.labelling import Measures
from orderwright.shipping.options import active_options
from orderwright.shipping.packages import Addressed, PackageSeen, named, packages
from orderwright.shipping.refusals import LabelMade, NumberTaken


class Label(NamedTuple):
    """Ask for a package's label, by another delivery option or with better measures where they are given."""

    package: str  # its name
    measures: Measures = Measures()
    option: str | None = None


class Number(NamedTuple):
    """A package's carrier and tracking number, given by hand."""

    package: str
    carrier: str
    tracking_number: str
    tracking_url: str = ""


class Asked(NamedTuple):
    """It is written down: about a package of an order a carrier is asked, or need not be."""

    order_id: int
    questions: tuple[str, ...] = ()


@transaction.atomic
def label_packages(requests: Sequence[Label], *, actor: Actor) -> list[Asked | Refusal]:
    """Ask for labels; the carrier is asked a moment later.  What it refused before stays refused: this is a new one."""
    known, seen, asked = _look([request.package for request in requests])
    codes = carriers.codes()
    offered = {option.code: option for option in active_options()}

    def decide(request: Label) -> tuple[PackageSeen, Measures, int | None]:
        package = _find(request.package, known, seen)
        option = None
        if request.option is not None:
            if request.option not in offered:
                raise NotFound(thing="delivery option", name=request.option)
            option = offered[request.option]
            package.option_carrier = option.carrier
        labelling.refuse_label(package, asked, codes)
        asked.add(package.id)
        return package, request.measures, option.id if option else None

    decided = each(requests, decide)
    chosen = [one for one in decided if not isinstance(one, Refusal)]
    if chosen:
        labelling.measure([(package.id, measures, option) for package, measures, option in chosen])
    ids = iter(asking.write([Wanted(package.id, package.option_carrier, "label") for package, _m, _o in chosen]))
    return [one if isinstance(one, Refusal) else Asked(one[0].order_id, (next(ids),)) for one in decided]


@transaction.atomic
def void_labels(names: Sequence[str], *, actor: Actor) -> list[Asked | Refusal]:
    """Take the labels of packages back that have not left.  A number that was given by hand is free at once."""
    known, seen, asked = _look(names)
    codes = carriers.codes()

    def decide(name: str) -> PackageSeen:
        package = _find(name, known, seen)
        labelling.refuse_void(package, asked)
        asked.add(package.id)
        return package

    decided = each(names, decide)
    chosen = [one for one in decided if isinstance(one, PackageSeen)]
    theirs = [package for package in chosen if package.carrier in codes]
    questions = asking.write([Wanted(one.id, one.carrier, "void", one.tracking_number or "") for one in theirs])
    ours = [package for package in chosen if package.carrier not in codes]
    if ours:
        record([Happening("package.label_voided", actor, one.facts(), one.order_id) for one in ours])
        for package in ours:
            package.tracking_number, package.tracking_url = None, ""
        _number(ours, actor=actor)
    by_package = dict(zip((one.id for one in theirs), questions, strict=True))
    return [
        one if isinstance(one, Refusal) else Asked(one.order_id, (by_package[one.id],) if one.id in by_package else ())
        for one in decided
    ]


@transaction.atomic
def number_packages(requests: Sequence[Number], *, actor: Actor) -> list[Asked | Refusal]:
    """Give packages the numbers that their carriers gave on paper, before they leave or after.

    Of a label that a carrier was to make and was not asked for yet, nobody is asked any more.
    """
    known, seen, _asked = _look([request.package for request in requests])
    asked, codes = labelling.being_asked(seen, put=True), carriers.codes()
    taken = settling.numbers_taken([(request.carrier, request.tracking_number) for request in requests])

    def decide(request: Number) -> PackageSeen:
        package = _find(request.package, known, seen)
        labelling.refuse_unpacked(package)
        labelling.refuse_number(request.carrier, request.tracking_number)
        labelling.refuse_pending(package, asked)
        if package.tracking_number is not None and package.carrier in codes:
            raise LabelMade(package=package.name, tracking_number=package.tracking_number)
        key = (request.carrier, request.tracking_number)
        if taken.setdefault(key, package.id) != package.id:
            raise NumberTaken(carrier=key[0], tracking_number=key[1])
        package.carrier, package.tracking_number = key
        package.tracking_url = request.tracking_url
        return package

    decided = each(requests, decide)
    chosen = [one for one in decided if isinstance(one, PackageSeen)]
    if chosen:
        asking.withdraw([one.id for one in chosen])
        facts = [{**one.facts(), "tracking_url": one.tracking_url} for one in chosen]
        owners = [one.order_id for one in chosen]
        record([Happening("package.label_made", actor, *told) for told in zip(facts, owners, strict=True)])
        _number(chosen, actor=actor)
    return [one if isinstance(one, Refusal) else Asked(one.order_id) for one in decided]


def _look(names: Sequence[str]) -> tuple[dict[str, Addressed], dict[int, PackageSeen], set[int]]:
    """Packages by name, as they stand while their orders are locked, and which of them a carrier is asked about."""
    known = named(names)
    lock_orders([one.order_id for one in known.values()])
    seen = packages([one.package_id for one in known.values()])
    return known, seen, labelling.being_asked(seen)


def _find(name: str, known: Mapping[str, Addressed], seen: Mapping[int, PackageSeen]) -> PackageSeen:
    if name not in known:
        raise NotFound(thing="package", name=name)
    return seen[known[name].package_id]


def _number(chosen: Sequence[PackageSeen], *, actor: Actor) -> None:
    """Write numbers down; scans that wait for one find their package."""
    settling.write_numbers(chosen)
    hearing.adopt([one.id for one in chosen])
    follow(collect([one.id for one in chosen], actor=actor), actor=actor)
