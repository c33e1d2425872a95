"""Where the pages of the settings are."""

from django.urls import URLPattern

from orderwright.web.pages import me
from orderwright.web.pages.settings import (
    audit,
    channels,
    delivery,
    frame,
    keys,
    letters,
    locations,
    people,
    shop,
    webhooks,
)

PATHS: list[URLPattern] = [
    *me.PATHS,
    *frame.PATHS,
    *shop.PATHS,
    *locations.PATHS,
    *delivery.PATHS,
    *channels.PATHS,
    *letters.PATHS,
    *webhooks.PATHS,
    *keys.PATHS,
    *people.PATHS,
    *audit.PATHS,
]
