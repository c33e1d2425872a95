"""Every page of the demo shop is readable for everybody: in light and dark, wide and narrow, in English and German."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page
from windows import PHONE, Windows

from orderwright.cli.screenshots import visit
from orderwright.demo.pages import PAGES, DemoPage

WIDE = (1600, 900)
PERSONAL = """() => [...document.querySelectorAll("[href], [action], [src], [hx-get], [hx-post]")]
    .flatMap((one) => ["href", "action", "src", "hx-get", "hx-post"].map((name) => one.getAttribute(name)))
    .filter((address) => address && !address.startsWith("mailto:") && /@|%40/.test(address))
"""


@pytest.mark.parametrize("page", PAGES, ids=[page.name for page in PAGES])
def test_a_page_is_readable_for_everybody(
    page: DemoPage,
    windows: Windows,
    axe: Callable[..., None],
    fits: Callable[[Page], None],
) -> None:
    state = windows.sign_in(page.role, open_=windows.open) if page.role else None
    window = windows.open(state=state, size=WIDE)

    assert visit(window, page), f"there is no way to {page.name}"

    assert window.locator("h1").count() == 1
    assert window.title().strip()
    assert window.evaluate(PERSONAL) == []  # addresses end up in logs and histories: no e-mail address in them
    fits(window)
    axe(window)
    window.emulate_media(color_scheme="dark")
    axe(window, only="color-contrast")
    window.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    fits(window)
    axe(window)


def test_pages_fit_in_german_too(windows: Windows, fits: Callable[[Page], None]) -> None:
    """German words are longer; all pages in one test, for they were looked at in the other."""
    opened: dict[str, Page] = {}
    wide = []
    for page in PAGES:
        if page.role not in opened:
            state = windows.sign_in(page.role, open_=windows.open) if page.role else None
            opened[page.role] = windows.open(state=state, size=PHONE, language="de-DE")
            german = {"name": "language", "value": "de", "url": windows.shop.address}
            opened[page.role].context.add_cookies([german])
        window = opened[page.role]
        visit(window, page)
        assert window.locator("html").get_attribute("lang") == "de", page.name
        try:
            fits(window)
        except AssertionError as error:
            wide.append(f"{page.name}: {error}")
    assert wide == []
