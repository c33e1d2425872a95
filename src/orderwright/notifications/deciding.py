"""Deciding, in the moment of sending, whether a letter is sent: pure functions of what was gathered."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from babel.core import get_global

from orderwright.customers import linking
from orderwright.kernel import clock
from orderwright.notifications.comparing import is_news
from orderwright.notifications.gathering import Gathered
from orderwright.notifications.kinds import EMAIL, KINDS, SMS, TELLS_NEW_DAYS, WAITS_FOR_MONEY
from orderwright.notifications.switching import is_wanted
from orderwright.orders import claiming

# Where a package may be by now, so that a letter about it would contradict what the customer sees.
OVERTAKEN_AT = {
    "shipped": {"returned", "lost"},
    "out_for_delivery": {"delivered", "attempt_failed", "ready_for_pickup", "returned", "lost"},
    "ready_for_pickup": {"delivered", "returned", "lost"},
    "delivery_failed": {"delivered", "out_for_delivery", "ready_for_pickup", "returned", "lost"},
    "delivered": {"returned", "lost"},
    "package_lost": {"delivered", "returned"},
}
ALL_CAME = frozenset({"delivered", "returned", "canceled"})
FOR_A_NUMBER = timedelta(minutes=30)
LOOK_AGAIN = timedelta(seconds=20)
STEP = timedelta(minutes=30)


def why_not(letter: Gathered, address: str, switches: Mapping[tuple[str, str], bool]) -> str:
    """Why a letter is not sent: one word; nothing where it is."""
    if letter.is_forgotten:
        return "forgotten"
    if not KINDS[letter.kind].always and not switches.get((letter.kind, letter.channel), False):
        return "switched_off"
    kind = KINDS[letter.kind]
    if not kind.staff and not kind.always and not is_wanted(letter.kind, letter.channel, letter.words):
        return "unwanted"
    if is_overtaken(letter):
        return "overtaken"
    return "" if address else "no_address"


def is_overtaken(letter: Gathered) -> bool:
    """Whether what the letter says is no longer so."""
    if letter.copy:  # somebody asked for it
        return False
    if letter.kind in OVERTAKEN_AT and letter.package is not None:
        return letter.package.stage in OVERTAKEN_AT[letter.kind]
    if letter.kind == "payment_due":
        return letter.status == "canceled" or letter.payment not in WAITS_FOR_MONEY
    if letter.kind in ("order_confirmed", "order_edited"):
        return letter.status == "canceled"
    if letter.kind == "sign_in_link":
        return clock.now() > letter.at + linking.LASTS
    if letter.kind == "claim_link":
        return clock.now() > letter.at + claiming.LASTS
    if letter.kind in TELLS_NEW_DAYS:
        return letter.status in ALL_CAME or (not letter.copy and not is_news(letter))
    return False


def address_of(letter: Gathered, *, shop: str, owners: Mapping[int, str]) -> str:
    """Where a letter goes; empty where nobody knows."""
    if letter.kind == "webhook_paused":
        return owners.get(letter.facts.get("webhook", 0)) or shop
    if KINDS[letter.kind].staff:
        return shop
    return letter.email if letter.channel == EMAIL else letter.phone


def told_by_others(letters: Iterable[Gathered]) -> set[int]:
    """Of letters that go out together: those of new days of which a newer one, to the same reader, tells all."""
    found: set[int] = set()
    newest: dict[tuple[int | None, str], int] = {}
    for letter in sorted(letters, key=lambda letter: letter.id):
        if letter.kind in TELLS_NEW_DAYS and not letter.copy:
            key = letter.order_id, letter.channel
            if key in newest:
                found.add(newest[key])
            newest[key] = letter.id
    return found


def not_yet(letter: Gathered, now: datetime, *, quiet: str, shop_zone: str) -> tuple[str, datetime]:
    """What a letter waits for, and when to look again; now, where it may go."""
    morning = not_before(letter, now, quiet=quiet, shop_zone=shop_zone)
    if morning > now:
        return "quiet_hours", morning
    awaits = letter.kind == "shipped" and letter.package is not None and letter.package.awaits_number
    if awaits and now < letter.written_at + FOR_A_NUMBER:
        return "waits_for_number", now + LOOK_AGAIN
    return "", now


def not_before(letter: Gathered, now: datetime, *, quiet: str, shop_zone: str) -> datetime:
    """When a letter may go at the earliest: an SMS waits till morning where its reader lives."""
    if letter.channel != SMS or not quiet:
        return now
    return first_by_day(now, zones_of(letter.ship_to.get("country", ""), shop_zone), shop_zone, quiet)


def first_by_day(now: datetime, zones: list[str], shop_zone: str, quiet: str) -> datetime:
    """The first moment from `now` on at which it is not quiet in any of these zones; `quiet`: "21-8"."""
    begin, end = (int(hour) for hour in quiet.split("-"))
    for those in (zones, [shop_zone]):  # a country may be so wide that it is never day in all of it
        moment = now
        while moment < now + timedelta(days=1):
            if not any(_is_quiet(moment, zone, begin, end) for zone in those):
                return moment
            moment = datetime.combine(moment.date(), time(moment.hour, moment.minute // 30 * 30), UTC) + STEP
    return now


def zones_of(country: str, shop_zone: str) -> list[str]:
    """The time zones that a customer may live in; the shop's where the country is not known."""
    found = [zone for zone, territory in get_global("zone_territories").items() if territory == country and "/" in zone]
    return found if country and found else [shop_zone]


def _is_quiet(moment: datetime, zone: str, begin: int, end: int) -> bool:
    hour = moment.astimezone(ZoneInfo(zone)).hour
    return begin <= hour or hour < end if begin > end else begin <= hour < end
