"""Days and times as the reader's language writes them; the year is told where it is not this one."""

from datetime import date, datetime

from babel.dates import format_date, format_datetime
from django.utils import timezone, translation

from orderwright.kernel import clock

# With the day before the month in every language; German writes a dot behind it.
DAY_AND_MONTH = {"en": "d MMM", "de": "d. MMM"}


def day_in_words(on: date) -> str:
    """A day with its weekday."""
    return str(format_date(on, f"EEE, {_day_and_month(on)}", locale=locale_of_reader()))


def time_in_words(moment: datetime) -> str:
    """A moment in the reader's time zone."""
    local = timezone.localtime(moment) if timezone.is_aware(moment) else moment
    return str(format_datetime(local, f"{_day_and_month(local)}, HH:mm", locale=locale_of_reader()))


def locale_of_reader() -> str:
    return str(translation.to_locale(translation.get_language() or "en"))


def _day_and_month(on: date) -> str:
    pattern = DAY_AND_MONTH.get(locale_of_reader()[:2], DAY_AND_MONTH["en"])
    return pattern if on.year == timezone.localtime(clock.now()).year else f"{pattern} y"
