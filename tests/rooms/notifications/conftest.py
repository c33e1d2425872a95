"""A client that may read and write letters."""

import pytest
from django.test import Client

from orderwright.kernel import actors
from orderwright.staff import keys


@pytest.fixture
def browser_of_letters(db: None) -> Client:
    keys.forget_remembered()
    token = keys.issue("tests", ["letters:read", "letters:write"], actor=actors.system("tests")).token
    return Client(headers={"Authorization": f"Bearer {token}"})
