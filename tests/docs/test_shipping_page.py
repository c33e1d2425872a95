"""docs/shipping.md names what is there, and nothing else."""

import json
import re
from pathlib import Path

from orderwright.api.app import api
from orderwright.api.shipments import ShipmentIn
from orderwright.shipping.happenings import KINDS
from orderwright.shipping.models import ShipmentState
from orderwright.shipping.stages import Stage
from orderwright.shipping.tracking import AHEAD, BEFORE, LATEST_LOOK, SOONEST_LOOK
from orderwright.shipping.tracking import KINDS as TOLD

PAGE = (Path(__file__).parents[2] / "docs" / "shipping.md").read_text(encoding="utf-8")


def test_every_address_that_is_named_is_there_and_every_address_is_named() -> None:
    named = {address.rstrip("`") for address in re.findall(r"/v1/[a-z0-9/{}_-]+", PAGE)}
    paths = set(api.get_openapi_schema()["paths"])
    ours = {path for path in paths if re.search(r"shipments|delivery-options|carriers|scans|send-again|give-up", path)}

    assert named - paths == set()
    assert {path for path in ours if "packing-slip" not in path} - named == set()


def test_the_request_that_is_shown_can_be_read() -> None:
    (shown,) = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)

    assert len(ShipmentIn(**json.loads(shown)).packages or ()) == 2


def test_every_stage_is_named_with_how_it_is_told() -> None:
    rows = re.findall(r"^\| ([a-z_]+) \| `([a-z_.]+)` \|", PAGE, re.MULTILINE)

    assert [stage for stage, _kind in rows] == [stage.value for stage in Stage]
    assert dict(rows[2:]) == {stage.value: kind for stage, kind in TOLD.items()}
    assert set(re.findall(r"`((?:package|shipment)\.[a-z_]+)`", PAGE)) <= set(KINDS)
    assert [state for state in ShipmentState.values if state not in PAGE] == []


def test_the_rules_are_those_of_the_code() -> None:
    assert (AHEAD.total_seconds(), BEFORE.days) == (3600, 1)
    assert (SOONEST_LOOK.total_seconds() / 60, LATEST_LOOK.total_seconds() / 3600) == (30, 12)
    assert "from every 30 minutes to every 12 hours" in PAGE
