"""The windows of these tests notice what goes wrong in them."""

from playwright.sync_api import Page
from windows import Windows


def test_what_the_policy_forbids_is_noticed(buyer: Page, windows: Windows) -> None:
    buyer.goto("/sign-in")

    buyer.evaluate("document.body.setAttribute('style', 'color: red')")

    (trouble,) = windows.troubles
    assert "Content Security Policy" in trouble
    windows.troubles.clear()


def test_an_error_of_a_script_is_noticed(buyer: Page, windows: Windows) -> None:
    buyer.goto("/sign-in")

    buyer.evaluate("setTimeout(() => { throw new Error('oh') })")
    buyer.wait_for_timeout(100)

    (trouble,) = windows.troubles
    assert "oh" in trouble
    windows.troubles.clear()


def test_a_file_that_is_not_there_is_noticed(buyer: Page, windows: Windows) -> None:
    buyer.goto("/sign-in")

    with buyer.expect_response("**/nothing.svg"):
        buyer.evaluate("document.body.append(Object.assign(new Image(), {src: '/nothing.svg'}))")

    (trouble,) = windows.troubles
    assert trouble.endswith("/nothing.svg: 404")
    windows.troubles.clear()
