"""docs/payments.md and docs/integrating/payment-provider.md name what is there, and nothing else."""

import inspect
import json
import re
from pathlib import Path

from orderwright.adapters.fake_payments.behaving import ANSWERS, CONNECTIONS, MESSAGES, behaviour
from orderwright.api.app import api
from orderwright.api.payments import RefundIn
from orderwright.payments.methods import MANUAL
from orderwright.payments.models import TENDER_BUCKETS
from orderwright.payments.ports import PaymentProvider
from orderwright.payments.reasons import REASONS

DOCS = Path(__file__).parents[2] / "docs"
PAGE = (DOCS / "payments.md").read_text(encoding="utf-8")
GUIDE = (DOCS / "integrating" / "payment-provider.md").read_text(encoding="utf-8")


def test_every_bucket_and_method_is_named() -> None:
    words = set(re.findall(r"[a-z_]+", PAGE))

    assert [word for word in (*TENDER_BUCKETS, *MANUAL) if word not in words] == []


def test_every_address_that_is_named_is_there_and_every_address_is_named() -> None:
    named = {address.rstrip("`") for address in re.findall(r"/v1/[a-z0-9/{}_-]+", PAGE)}
    paths = {path for path in api.get_openapi_schema()["paths"] if "payments" in path}

    assert named == paths


def test_the_request_that_is_shown_can_be_read() -> None:
    (shown,) = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)

    assert RefundIn(**json.loads(shown)).goodwill


def test_every_word_that_the_fake_provider_knows_is_named_and_understood() -> None:
    rows = re.findall(r"^\| (`.*?) \|", PAGE.split("## The fake")[1], re.MULTILINE)
    shown = [word.strip("`") for row in rows for word in row.split(", ")]

    assert sorted(word.partition("=")[0] for word in shown) == sorted((*ANSWERS, *CONNECTIONS, *MESSAGES))
    assert [word for word in shown if behaviour(word, "authorize") == behaviour("", "authorize")] == []


def test_the_guide_names_every_method_of_the_port_and_only_reasons_that_are_ours() -> None:
    methods = [name for name, _ in inspect.getmembers(PaymentProvider, inspect.isfunction) if not name.startswith("_")]

    assert [name for name in methods if f"`{name}(" not in GUIDE] == []
    assert "authorization_ended" in REASONS
    assert "`authorization_ended`" in GUIDE
