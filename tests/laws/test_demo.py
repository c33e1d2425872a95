"""The demo shop is made through the flows, so it is a test of them: in every state, audited, and made only once."""

import io
import stat
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner
from PIL import Image

from orderwright.catalog.models import Channel, Product, Sku
from orderwright.cli.seeding import seed
from orderwright.demo import pictures
from orderwright.demo.receiving import HookServer
from orderwright.flows.audit import audit
from orderwright.fulfilment.models import FulfilmentOrder
from orderwright.inventory.models import Location
from orderwright.kernel import clock
from orderwright.kernel.models import Event
from orderwright.orders.models import Summary
from orderwright.promises.models import Promise
from orderwright.shipping.models import Package, Shipment
from orderwright.staff import keys
from orderwright.staff.permissions import SCOPES


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ORDERWRIGHT_DATA", str(tmp_path))
    return tmp_path


@pytest.mark.django_db
def test_the_demo_has_orders_in_every_state_and_its_books_are_clean(data: Path) -> None:
    result = CliRunner().invoke(seed, ["--if-empty"])

    assert result.exit_code == 0, result.output
    assert Sku.objects.count() == 102
    assert Location.objects.count() == 3
    assert not Product.objects.filter(picture=None).exists()
    assert 150 < Summary.objects.count() < 260
    assert set(Summary.objects.values_list("status", flat=True)) >= {
        "unpaid", "on_hold", "backordered", "ready", "in_work", "partly_shipped", "shipped", "delivered", "canceled",
    }  # fmt: skip
    assert set(Summary.objects.values_list("payment", flat=True)) >= {
        "unpaid", "secured", "paid", "refunded", "partly_refunded",
    }  # fmt: skip
    assert set(FulfilmentOrder.objects.values_list("state", flat=True)) == {"offered", "accepted", "closed"}
    assert set(Shipment.objects.values_list("state", flat=True)) == {"prepared", "shipped"}
    assert set(Package.objects.values_list("stage", flat=True)) >= {
        "prepared", "labelled", "in_transit", "delayed", "attempt_failed", "delivered", "returned", "lost",
    }  # fmt: skip
    outcomes = Event.objects.filter(kind__in=("promise.kept", "promise.missed"))
    assert min(outcomes.filter(kind=f"promise.{kind}").count() for kind in ("kept", "missed")) > 5
    today = clock.now().date()
    gone = Promise.objects.filter(line__order__summary__status="shipped", superseded_at=None)
    assert 0 < gone.count() == gone.filter(ship_on__lte=today).count() + gone.filter(reason="lost").count()
    assert gone.filter(ship_on__lt=today - timedelta(days=2)).exists()
    assert [(finding.check.name, finding.examples) for finding in audit() if finding.wrong] == []
    client = keys.client_for((data / "demo-key").read_text().strip())
    assert stat.S_IMODE((data / "demo-key").stat().st_mode) == 0o600
    assert client is not None
    assert client.scopes == frozenset(SCOPES)


@pytest.mark.django_db
def test_where_a_shop_is_already_nothing_is_made(data: Path) -> None:
    Channel.objects.create(code="own", name="Own", currency="EUR", series="own")

    quiet = CliRunner().invoke(seed, ["--if-empty"])
    asked_for = CliRunner().invoke(seed, [])

    assert (quiet.exit_code, quiet.output) == (0, "")
    assert asked_for.exit_code == 1
    assert "There is a shop in this database already" in asked_for.output
    assert not (data / "demo-key").exists()
    assert Sku.objects.count() == 0
    assert Event.objects.count() == 0


@pytest.mark.parametrize("shape", sorted(pictures.SHAPES))
def test_pictures_are_the_same_every_time(shape: str) -> None:
    first, second = pictures.draw(shape, "#6a7f8f"), pictures.draw(shape, "#6a7f8f")

    assert first == second
    assert Image.open(io.BytesIO(first)).size == (480, 480)


def test_the_receiver_shows_what_came_and_is_not_tricked_by_it() -> None:
    hooks = HookServer(0).start()
    try:
        sent = httpx.post(f"{hooks.url}/shop", content=b'{"name": "<b>Ada</b>"}', headers={"webhook-id": "msg_1"})

        page = httpx.get(hooks.url).text
    finally:
        hooks.stop()

    assert sent.status_code == 204
    assert "1 webhooks came" in page
    assert "msg_1" in page
    assert "&lt;b&gt;Ada" in page
    assert "<b>Ada" not in page
