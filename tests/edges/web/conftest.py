"""What the tests of pages share: people of every role, signed in."""

from collections.abc import Callable

import pytest
from django.test import Client
from people import signed_in


@pytest.fixture
def desk(db: None) -> Callable[..., Client]:
    """Signs somebody of a role in: `desk("warehouse")`; an owner, where no role is named."""
    return signed_in
