"""The running shop that these tests share."""

from collections.abc import Iterator

import pytest
from faulty import RunningShop, run_a_shop

from orderwright.runtime.tcp_ports import any_free


@pytest.fixture(scope="session")
def shop() -> Iterator[RunningShop]:
    with run_a_shop({"ORDERWRIGHT_PORT": str(any_free())}) as running:
        yield running
