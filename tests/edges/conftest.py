"""What the tests of the edges share: clients with keys."""

from collections.abc import Callable

import pytest
from django.test import Client

from orderwright.kernel import actors
from orderwright.staff import keys
from orderwright.staff.permissions import SCOPES


@pytest.fixture(autouse=True)
def _nobody_is_remembered() -> None:
    keys.forget_remembered()


@pytest.fixture
def issue() -> Callable[..., keys.Issued]:
    """Issues a key with these scopes; all of them, where none is named."""

    def _issue(*scopes: str, calls_per_minute: int = 1_000_000) -> keys.Issued:
        return keys.issue(
            "tests", scopes or list(SCOPES), actor=actors.system("tests"), calls_per_minute=calls_per_minute
        )

    return _issue


@pytest.fixture
def browser(db: None, issue: Callable[..., keys.Issued]) -> Client:
    """A client of the API that may do everything."""
    return Client(headers={"Authorization": f"Bearer {issue().token}"})
