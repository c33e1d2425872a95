"""`orderwright screenshots`: a picture of every page of the demo shop, in light, dark and phone width."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urljoin

import click
from playwright.sync_api import Browser, Page, StorageState, ViewportSize, sync_playwright

from orderwright.demo.hiring import PEOPLE
from orderwright.demo.pages import PAGES, DemoPage
from orderwright.runtime.folders import data_folder

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
PATIENCE_MS = 30_000
SETTLED_MS = 400  # for what comes after the page: figures that move in, pictures


class Look(NamedTuple):
    """How a page is looked at."""

    name: str
    width: int
    height: int
    dark: bool = False


LOOKS = (Look("light", 1440, 900), Look("dark", 1440, 900, dark=True), Look("phone", 390, 844))


@click.command()
@click.option("--to", "folder", required=True, type=click.Path(file_okay=False, path_type=Path), help="A folder.")
@click.option("--url", help="The shop's address; that of `orderwright run` on this data folder, where it is left out.")
@click.option("--language", type=click.Choice(["en", "de"]), default="en", show_default=True)
@click.option("--page", "only", multiple=True, help="The name of a page; all of them, where it is left out.")
def screenshots(folder: Path, url: str | None, language: str, only: tuple[str, ...]) -> None:
    """Take a picture of every page of the running demo shop, in light, in dark and as wide as a phone.

    Chromium must be installed, and the tools for development (make install).
    """
    data = data_folder()
    if url is None:
        if not (data.run / "address").exists():
            raise click.ClickException("No shop runs on this data folder; start one (make run), or name its --url.")
        url = (data.run / "address").read_text().strip()
    if not data.demo_password.exists():
        raise click.ClickException("There is no demo shop in this data folder: nobody there could sign in.")
    program = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if program is None:
        raise click.ClickException("Chromium is needed, and is not here.")
    folder.mkdir(parents=True, exist_ok=True)
    pages = [one for one in PAGES if not only or one.name in only]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--disable-dev-shm-usage"])
        studio = Studio(browser, url, language, data.demo_password.read_text().strip())
        missing = [name for name in studio.take(pages, folder) if name]
        browser.close()
    if missing:
        raise click.ClickException(f"There is no way to {', '.join(missing)}.")


class Studio:
    """Takes the pictures, in windows of whoever may see the pages."""

    def __init__(self, browser: Browser, url: str, language: str, password: str) -> None:
        self._browser, self._url, self._language, self._password = browser, url, language, password
        self._states: dict[str, StorageState] = {}

    def take(self, pages: list[DemoPage], folder: Path) -> Iterator[str]:
        """Brings the names of pages that could not be reached."""
        for page in pages:
            for look in LOOKS:
                window = self._window(look, page.role)
                reached = visit(window, page)
                if reached:
                    window.wait_for_timeout(SETTLED_MS)
                    picture = folder / f"{page.name}-{look.name}.png"
                    window.screenshot(path=picture)
                    click.echo(str(picture))
                window.context.close()
                if not reached:
                    yield page.name
                    break

    def _window(self, look: Look, role: str) -> Page:
        if role and role not in self._states:
            self._sign_in(role)
        context = self._browser.new_context(
            base_url=self._url,
            viewport=ViewportSize(width=look.width, height=look.height),
            color_scheme="dark" if look.dark else "light",
            locale={"en": "en-GB", "de": "de-DE"}[self._language],
            reduced_motion="reduce",
            storage_state=self._states[role] if role else None,
        )
        context.add_cookies([{"name": "language", "value": self._language, "url": self._url}])
        context.set_default_timeout(PATIENCE_MS)
        return context.new_page()

    def _sign_in(self, role: str) -> None:
        self._states[role] = {"cookies": [], "origins": []}
        window = self._window(LOOKS[0], role)
        window.goto("/sign-in")
        window.locator("input[name=email]").fill({role: email for email, _name, role in PEOPLE}[role])
        window.locator("input[name=password]").fill(self._password)
        window.locator("input[name=password]").press("Enter")
        window.wait_for_url("**/desk")
        self._states[role] = window.context.storage_state()
        window.context.close()


def visit(window: Page, page: DemoPage) -> bool:
    """Go to a page in this window; answers whether it is there."""
    answer = window.goto(page.address)
    for step in page.steps:
        if step.startswith("/"):
            answer = window.goto(step)
            continue
        found = window.locator(step).first
        if not found.count():
            return False
        address = found.get_attribute("href")
        if address is not None:
            answer = window.goto(urljoin(window.url, address))
        else:
            found.click()
            window.wait_for_load_state("networkidle")
    return answer is not None and answer.ok
