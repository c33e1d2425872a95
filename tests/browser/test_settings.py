"""Settings in a browser: a key is issued, opens the API, and opens nothing once it is revoked."""

import re
import time
from collections.abc import Callable

import httpx
from faulty import RunningShop
from playwright.sync_api import Page, expect


def test_a_key_is_issued_shown_once_and_revoked(desk: Callable[..., Page], shop: RunningShop) -> None:
    page = desk("owner")
    page.goto("/desk/settings/keys")

    page.get_by_role("button", name="New key").click()
    page.get_by_label("Program").fill("Till of the shop")
    page.get_by_role("checkbox", name=re.compile("stock:read")).check()
    page.get_by_role("button", name="Issue the key").click()
    token = page.locator("#issued code").inner_text()

    assert status(shop, token, "/v1/stock/levels") == 200
    assert status(shop, token, "/v1/orders") == 403
    page.goto("/desk/settings/keys")
    expect(page.locator("main")).not_to_contain_text(token)

    page.on("dialog", lambda asked: asked.accept())
    page.get_by_role("button", name="Revoke Till of the shop").click()
    expect(page.locator("#toasts")).to_contain_text("The key of Till of the shop opens nothing any more.")

    end = time.monotonic() + 10
    while status(shop, token, "/v1/stock/levels") != 401:
        assert time.monotonic() < end, "the key still opens the API"
        time.sleep(0.2)


def status(shop: RunningShop, token: str, path: str) -> int:
    return httpx.get(shop.address + path, headers={"Authorization": f"Bearer {token}"}).status_code
