"""Live orders are played into a running shop over its API, and worked on until they leave."""

import random
from collections.abc import Callable

import httpx
import pytest
from builders import a_channel, a_location, a_shelf, a_sku
from click.testing import CliRunner

from orderwright.cli.traffic import demo_traffic
from orderwright.demo.traffic import drive, open_traffic
from orderwright.fulfilment.agreeing import Agreement, set_terms
from orderwright.kernel import actors
from orderwright.orders.models import Order
from orderwright.shipping.models import Shipment
from orderwright.staff import keys

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def shop(transactional_db: None) -> None:
    """Four SKUs at a place that takes on everything, and one that is asked."""
    a_channel("web")
    a_location("NEAR", rank=1)
    a_location("FAR", rank=2)
    set_terms("FAR", Agreement(accepting="asked"), seen=None, actor=actors.system("tests"))
    for code in ("TEE", "MUG", "POT", "CUP"):
        a_sku(code, when_short="backorder")
        a_shelf("NEAR" if code in ("TEE", "MUG") else "FAR", code, 1000)


def test_orders_are_placed_released_accepted_and_packed(shop: None, caller: httpx.Client) -> None:
    told: list[str] = []
    traffic = open_traffic(caller, random.Random(2))

    drive(traffic, rate=20, seconds=2.5, stopping=lambda: False, tell=told.append)

    assert traffic.did["placed"] == Order.objects.count() >= 40
    assert traffic.did["refused"] == 0
    assert traffic.did["released"] > 20
    assert traffic.did["accepted"] > 5
    assert Shipment.objects.count() == traffic.did["packed"] > 20
    assert told[-1].startswith(f"{traffic.did['placed']} placed, ")


def test_the_command_asks_for_a_shop_and_a_key(shop: None, address: str, issue: Callable[..., keys.Issued]) -> None:
    runner = CliRunner()

    refused = runner.invoke(demo_traffic, ["--url", address, "--key", "ow_wrong", "--seconds", "1"])
    nobody = runner.invoke(demo_traffic, ["--url", "http://127.0.0.1:9", "--key", "ow_any", "--seconds", "1"])
    played = runner.invoke(demo_traffic, ["--url", address, "--key", issue().token, "--seconds", "0.5", "--rate", "10"])

    assert (refused.exit_code, "The shop said 401" in refused.output) == (1, True)
    assert (nobody.exit_code, "does not answer" in nobody.output) == (1, True)
    assert played.exit_code == 0, played.output
    assert "10 orders a second" in played.output
