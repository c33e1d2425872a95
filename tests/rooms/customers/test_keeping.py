"""Keeping customers: the same person is found again, whoever writes at the same time."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from orderwright.customers.drafting import AddressDraft, CustomerDraft
from orderwright.customers.keeping import keep_addresses, keep_customers
from orderwright.customers.models import Address, Customer


@pytest.mark.django_db
def test_the_same_email_in_any_spelling_is_one_customer():
    first = keep_customers([("web", CustomerDraft(email="Ada@Example.org", name="Ada"))])

    again = keep_customers([("shop", CustomerDraft(email=" ada@example.ORG ", name="Someone"))])

    assert again == first
    assert list(Customer.objects.values_list("email", "name")) == [("ada@example.org", "Ada")]


@pytest.mark.django_db
def test_a_reference_counts_within_its_channel():
    web, shop, again = keep_customers(
        [
            ("web", CustomerDraft(reference="17")),
            ("shop", CustomerDraft(reference="17")),
            ("web", CustomerDraft(reference="17")),
        ]
    )

    assert web == again
    assert web != shop
    assert set(Customer.objects.values_list("reference", flat=True)) == {"web:17", "shop:17"}


@pytest.mark.django_db
def test_nameless_drafts_are_always_new_and_stay_in_order():
    ids = keep_customers([("web", CustomerDraft(name=name)) for name in "abc"])

    assert [Customer.objects.get(pk=id).name for id in ids] == ["a", "b", "c"]


@pytest.mark.django_db
def test_an_email_decides_where_the_reference_belongs_to_another():
    old = keep_customers([("web", CustomerDraft(email="old@example.org", reference="17"))])

    new, by_reference = keep_customers(
        [("web", CustomerDraft(email="new@example.org", reference="17")), ("web", CustomerDraft(reference="17"))]
    )

    assert by_reference == old[0]
    assert new != old[0]
    assert Customer.objects.get(pk=new).reference is None


@pytest.mark.django_db
def test_mixed_people_come_back_in_their_places():
    (known,) = keep_customers([("web", CustomerDraft(email="known@example.org"))])

    ids = keep_customers(
        [
            ("web", CustomerDraft(email="z@example.org")),
            ("web", CustomerDraft(name="nobody")),
            ("web", CustomerDraft(email="known@example.org")),
            ("web", CustomerDraft(reference='quoted"\\{},')),
            ("web", CustomerDraft(email="a@example.org")),
        ]
    )

    assert ids[2] == known
    found = {customer.pk: customer for customer in Customer.objects.all()}
    assert [found[id].email for id in ids] == ["z@example.org", None, "known@example.org", None, "a@example.org"]
    assert found[ids[1]].name == "nobody"
    assert found[ids[3]].reference == 'web:quoted"\\{},'


@pytest.mark.django_db
@pytest.mark.parametrize("count", [1, 500])
def test_statements_do_not_grow_with_the_batch(count):
    people = [("web", CustomerDraft(email=f"{i}@example.org")) for i in range(count)]
    with CaptureQueriesContext(
        connection,
    ) as new:
        ids = keep_customers(people)
    with CaptureQueriesContext(connection) as known:
        again = keep_customers(people)
    with CaptureQueriesContext(connection) as addresses:
        keep_addresses([(id, AddressDraft(city=str(id))) for id in ids])

    assert again == ids
    assert (len(new), len(known), len(addresses)) == (2, 1, 1)


@pytest.mark.django_db
def test_addresses_come_back_in_order():
    (customer,) = keep_customers([("web", CustomerDraft())])
    drafts = [AddressDraft(street=f"{i} Main St\nFlat {i}", latitude=i / 7, country="GB") for i in range(20)]

    ids = keep_addresses([(customer, draft) for draft in drafts])

    found = Address.objects.in_bulk(ids)
    assert [(found[id].street, found[id].latitude) for id in ids] == [(d.street, d.latitude) for d in drafts]
    assert keep_addresses([]) == []


@pytest.mark.django_db(transaction=True)
def test_many_writers_of_the_same_people_agree_and_do_not_deadlock():
    people = [("web", CustomerDraft(email=f"{i}@example.org")) for i in range(40)]
    people += [("web", CustomerDraft(reference=str(i))) for i in range(40)]

    def write(turn: int) -> list[int]:
        mine = people[turn * 10 :] + people[: turn * 10]
        try:
            with transaction.atomic():
                ids = keep_customers(mine)
        finally:
            connection.close()
        cut = len(people) - turn * 10
        return ids[cut:] + ids[:cut]

    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(write, [0, 1, 2, 3, 4, 5, 6, 7]))

    assert all(answer == answers[0] for answer in answers)
    assert Customer.objects.count() == 80
