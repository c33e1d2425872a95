"""Editing and forgetting customers, many at once."""

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from orderwright.customers.drafting import CustomerDraft
from orderwright.customers.editing import Change, EmailTaken, edit_customers
from orderwright.customers.forgetting import forget
from orderwright.customers.keeping import keep_customers
from orderwright.customers.models import Customer
from orderwright.flows.forget_customers import forget_customers
from orderwright.kernel import actors
from orderwright.kernel.errors import NotFound, Stale
from orderwright.kernel.models import Event

CLERK = actors.system("test")


def people(count: int) -> list[int]:
    return keep_customers([("web", CustomerDraft(email=f"{i}@example.org", reference=str(i))) for i in range(count)])


@pytest.mark.django_db
def test_each_change_is_accepted_or_refused_by_itself():
    one, two, three = people(3)

    answers = edit_customers(
        [
            Change(one, {"email": "new@example.org"}, seen=1),
            Change(two, {"email": "NEW@example.org"}),
            Change(three, {"name": "Three"}, seen=2),
            Change(999_999, {"name": "Nobody"}),
        ],
        actor=CLERK,
    )

    assert answers[0] == 2
    assert [type(answer) for answer in answers[1:]] == [EmailTaken, Stale, NotFound]
    found = dict(Customer.objects.values_list("pk", "email"))
    assert found == {one: "new@example.org", two: "1@example.org", three: "2@example.org"}
    assert set(Customer.objects.values_list("reference", flat=True)) == {"web:0", "web:1", "web:2"}
    assert list(Event.objects.values_list("facts", flat=True)) == [{"customer": one, "fields": ["email"]}]


@pytest.mark.django_db
def test_a_change_that_changes_nothing_is_no_event():
    (one,) = people(1)

    answers = edit_customers([Change(one, {"email": "0@EXAMPLE.org"})], actor=CLERK)

    assert answers == [1]
    assert not Event.objects.exists()


@pytest.mark.django_db
def test_all_are_forgotten_or_none():
    one, two = people(2)

    with pytest.raises(NotFound), transaction.atomic():
        forget([one, 999_999], actor=CLERK)

    assert Customer.objects.filter(email__isnull=False).count() == 2
    assert forget_customers([two, one, two], actor=CLERK) == [one, two]
    assert forget_customers([one, two], actor=CLERK) == []
    told = Event.objects.order_by("id").values_list("facts", flat=True)
    assert list(told) == [{"customer": one}, {"customer": two}]


@pytest.mark.django_db
@pytest.mark.parametrize("count", [2, 200])
def test_statements_do_not_grow_with_the_batch(count):
    ids = people(count)

    with CaptureQueriesContext(connection) as editing:
        edit_customers([Change(id_, {"email": f"new{id_}@example.org"}) for id_ in ids], actor=CLERK)
    with CaptureQueriesContext(connection) as forgetting:
        forget_customers(ids, actor=CLERK)

    assert (len(editing), len(forgetting)) == (9, 23)
    assert Customer.objects.filter(email__isnull=True, forgotten_at__isnull=False).count() == count
