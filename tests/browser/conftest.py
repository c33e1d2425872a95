"""What the tests in a real browser share: a running demo shop, and Chromium windows in which nothing may go wrong.

The shop runs in processes of its own, on a data folder of its own, from the first browser test to the end of the run:
a test asks it (`shop.ask`, `shop.rows`), not Django's models, and makes what it changes.  A window notices every error
of a script, everything that the content security policy forbids, and every broken file; the test fails with them.
Playwright keeps an event loop in the thread, which Django's models refuse: so a browser lives as long as its module.
"""

from collections.abc import Callable, Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from faulty import RunningShop, run_a_shop
from playwright.sync_api import Browser, Page, StorageState, sync_playwright
from windows import CHROMIUM, Windows

from orderwright.runtime.tcp_ports import any_free


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All of them drive a browser."""
    for item in items:
        if "tests/browser/" in item.path.as_posix():
            item.add_marker(pytest.mark.browser)
            if CHROMIUM is None:
                item.add_marker(pytest.mark.skip(reason="there is no Chromium here (apt-get install chromium)"))


@pytest.fixture(scope="session")
def shop() -> Iterator[RunningShop]:
    """The demo shop, as `orderwright run` starts it."""
    with run_a_shop({"ORDERWRIGHT_PORT": str(any_free()), "ORDERWRIGHT_LOG": "WARNING"}) as running:
        yield running


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """One browser for the tests of a module; each test has windows of its own in it."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--disable-dev-shm-usage"])
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def states() -> dict[str, StorageState]:
    """The cookies of those who signed in already, by role."""
    return {}


@pytest.fixture
def windows(chromium: Browser, shop: RunningShop, states: dict[str, StorageState]) -> Iterator[Windows]:
    """Windows on the shop; afterwards nothing has gone wrong in them."""
    made = Windows(chromium, shop, states)
    try:
        yield made
    finally:
        made.close()
    assert made.troubles == []


@pytest.fixture
def desk(windows: Windows) -> Callable[..., Page]:
    """Opens a window in which somebody is signed in: `desk("warehouse", size=PHONE, dark=True)`; an owner, else."""

    def opened(role: str = "owner", **looks: object) -> Page:
        state = windows.sign_in(role, open_=windows.open)
        return windows.open(state=state, **looks)  # type: ignore[arg-type]

    return opened


@pytest.fixture
def browse(windows: Windows) -> Callable[..., Page]:
    """Opens a window of a stranger: `browse(size=PHONE, script=False)`."""
    return windows.open


@pytest.fixture
def buyer(windows: Windows) -> Page:
    """A window of a stranger."""
    return windows.open()


@pytest.fixture(scope="session")
def axe() -> Callable[..., None]:
    """Checks that axe-core finds nothing serious or critical on a page: `axe(page)`; by one of its rules `only`."""

    def check(page: Page, *, only: str = "") -> None:
        options = {"resultTypes": ["violations"], **({"runOnly": [only]} if only else {})}
        found = Axe().run(page, options=options).response["violations"]
        told = [
            f"{one['id']} ({one['impact']}): {one['help']} {[node['target'] for node in one['nodes']][:5]}"
            for one in found
            if one["impact"] in ("serious", "critical")
        ]
        assert told == [], page.url

    return check


@pytest.fixture(scope="session")
def fits() -> Callable[[Page], None]:
    """Checks that a page does not scroll sideways: `fits(page)`."""

    def check(page: Page) -> None:
        wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, f"{page.url} is {wide} px wider than its window"

    return check
