"""schemathesis over the whole OpenAPI document: no 5xx, no breach of the schema, whatever is sent.

The document is that of this very code; the requests go over HTTP to a web process with a small shop whose SKU, location
and channel are named "0", which random requests hit often.
"""

import re
from collections.abc import Iterator
from typing import Any

import httpx
import msgspec
import pytest
import requests
import schemathesis
from builders import a_channel, a_shelf, an_order
from django.core.management import call_command
from hypothesis import HealthCheck, settings
from pytest_django import DjangoDbBlocker
from schemathesis.checks import load_all_checks
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance

from orderwright.api.app import api
from orderwright.kernel import actors, sql
from orderwright.staff import keys
from orderwright.staff.permissions import SCOPES

STREAMS = "/v1/events/stream"  # never ends; tests/edges/test_streams.py follows it
# Left out is one check, that valid data is accepted: what is well-formed may still name a SKU that is not there.
OUR_KEY = 10**15  # so that no random request revokes it

document = api.get_openapi_schema(path_prefix="/v1/")
schema = schemathesis.openapi.from_dict(document).exclude(path=STREAMS)
load_all_checks()


@pytest.fixture(scope="module")
def key(address: str, django_db_blocker: DjangoDbBlocker) -> Iterator[str]:
    """A small shop, and a key that may do everything there."""
    with django_db_blocker.unblock():
        token = keys.issue("schemathesis", list(SCOPES), actor=actors.system("tests"), calls_per_minute=10**8).token
        sql.run("UPDATE api_key SET id = %s", [OUR_KEY])
        a_channel("0")
        a_shelf("0", "0", 1_000_000)
        an_order().on("0").with_line("0", 3).placed()
        yield token
        call_command("flush", interactive=False, verbosity=0)


@pytest.fixture(scope="module")
def session() -> Iterator[requests.Session]:
    """One connection for all requests."""
    with requests.Session() as session:
        yield session


@schema.parametrize()
@settings(max_examples=5, deadline=None, suppress_health_check=list(HealthCheck), database=None)
def test_whatever_is_sent_is_answered_as_the_document_says(
    case: Any, address: str, key: str, session: requests.Session
) -> None:
    answer = case.call(base_url=address, headers={"Authorization": f"Bearer {key}"}, session=session)

    assert answer.status_code < 500, answer.text
    left_out = [positive_data_acceptance]
    if not isinstance(case.body, (dict, list)):  # in an address all is text: null is left out, and a number is a word
        left_out.append(negative_data_rejection)
    case.validate_response(answer, excluded_checks=left_out)


@pytest.mark.django_db
def test_the_document_that_is_served_is_this_one(address: str) -> None:
    served = httpx.get(f"{address}/v1/openapi.json").json()

    assert served["openapi"] == "3.1.0"
    assert served == msgspec.json.decode(msgspec.json.encode(document))


def test_the_pages_of_the_document_ask_no_other_host(address: str) -> None:
    page = httpx.get(f"{address}/v1/docs")

    assert "//" not in page.text.replace("<!doctype", "")
    assert "default-src 'none'" in page.headers["content-security-policy"]
    for name in re.findall(r'(?:src|href)="([^"]+)"', page.text):
        assert httpx.get(address + name).status_code == 200
    assert httpx.get(f"{address}/v1/docs/swagger.py").status_code == 404
