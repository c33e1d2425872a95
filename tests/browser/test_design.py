"""The page of all that pages are made of: in light and dark, wide and narrow; its dialogs and menus by keys alone."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from windows import DESK, PHONE


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("size", [DESK, PHONE], ids=["wide", "narrow"])
def test_it_is_readable_for_everybody(
    browse: Callable[..., Page],
    axe: Callable[..., None],
    fits: Callable[[Page], None],
    size: tuple[int, int],
    dark: bool,
) -> None:
    page = browse(size=size, dark=dark)

    page.goto("/design")

    assert page.locator("h1").count() == 1
    axe(page)
    fits(page)


@pytest.mark.parametrize("name", ["Open a dialog", "Open a drawer"])
def test_a_dialog_holds_the_focus_and_gives_it_back(browse: Callable[..., Page], name: str) -> None:
    page = browse()
    page.goto("/design")
    opener = page.get_by_role("button", name=name)
    opener.focus()

    page.keyboard.press("Enter")

    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    assert page.evaluate("document.activeElement.closest('dialog') !== null")

    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(opener).to_be_focused()


def test_german_is_spoken_where_it_is_asked_for(browse: Callable[..., Page]) -> None:
    page = browse(language="de-DE")

    page.goto("/sign-in")

    assert page.locator("html").get_attribute("lang") == "de"
