"""Chromium windows on a running shop, in which nothing may go wrong."""

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field

from faulty import RunningShop
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Response, StorageState

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
PATIENCE_MS = 20_000  # of a window, for anything
PHONE, DESK = (390, 844), (1280, 900)
FILES = ("script", "stylesheet", "image", "font")
PEOPLE = {  # of the demo shop, by role
    "owner": "owner@demo.example",
    "operations": "operations@demo.example",
    "support": "support@demo.example",
    "warehouse": "warehouse@demo.example",
    "finance": "finance@demo.example",
    "read_only": "reader@demo.example",
}


@dataclass
class Windows:
    """Opens windows, each with cookies of its own, and gathers what goes wrong in them."""

    chromium: Browser
    shop: RunningShop
    states: dict[str, StorageState]
    opened: list[BrowserContext] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)

    def open(
        self,
        *,
        size: tuple[int, int] = DESK,
        dark: bool = False,
        language: str = "en-GB",
        script: bool = True,
        state: StorageState | None = None,
    ) -> Page:
        """A window on the shop.  `script=False`: of a browser that runs none."""
        context = self.chromium.new_context(
            base_url=self.shop.address,
            viewport={"width": size[0], "height": size[1]},
            color_scheme="dark" if dark else "light",
            locale=language,
            java_script_enabled=script,
            reduced_motion="reduce",
            storage_state=state,
        )
        context.set_default_timeout(PATIENCE_MS)
        self.opened.append(context)
        page = context.new_page()
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.troubles.append(f"{page.url}: {error}"))
        page.on("response", self._came)
        return page

    def sign_in(self, role: str, *, open_: Callable[..., Page]) -> StorageState:
        """The cookies of somebody of this role; they sign in once."""
        if role not in self.states:
            page = open_()
            page.goto("/sign-in")
            page.get_by_label("E-mail address").fill(PEOPLE[role])
            page.get_by_label("Password").fill(password(self.shop))
            page.get_by_role("button", name="Sign in").click()
            page.wait_for_url("**/desk")
            self.states[role] = page.context.storage_state()
            page.context.close()
        return self.states[role]

    def _said(self, message: ConsoleMessage) -> None:
        """Chromium's own word of an answer that is a refusal is no error: see `_came`."""
        if message.type == "error" and not message.text.startswith("Failed to load resource"):
            self.troubles.append(f"{message.location.get('url')}: {message.text}")

    def _came(self, response: Response) -> None:
        kind = response.request.resource_type
        if response.status >= 500 or (kind in FILES and response.status >= 400):
            self.troubles.append(f"{response.url}: {response.status}")

    def close(self) -> None:
        for context in self.opened:
            context.close()


def password(shop: RunningShop) -> str:
    """Of everybody who works in the demo shop."""
    return shop.folder.demo_password.read_text().strip()
