"""Forgetting people in what channels sent: raw lines that name them are emptied, with all else that is forgotten."""

from collections.abc import Collection

from django.db import transaction

from orderwright.customers.models import Address, Customer
from orderwright.flows.forget_customers import forget_customers
from orderwright.kernel import sql
from orderwright.kernel.actors import Actor


@transaction.atomic
def forget_people(customer_ids: Collection[int], *, actor: Actor) -> list[int]:
    """Forget these people everywhere, all or none; answers who was not forgotten before.

    A raw line is a person's when a cell of it is their e-mail address, telephone number, name or street, when a cell
    named after customers is the channel's reference for them, or when it belongs to a document that became an order
    of theirs.  Such a line keeps its document, outcome, reason and worth.
    """
    people = Customer.objects.filter(pk__in=customer_ids)
    places = Address.objects.filter(customer__in=people)
    words = {word for row in people.values_list("email", "phone", "name") for word in row if word}
    words |= {word for row in places.values_list("phone", "name", "street") for word in row if word}
    references = [reference for reference in people.values_list("reference", flat=True) if reference]
    empty = sql.texts(sorted(word.lower() for word in words)), sql.texts(references), sql.ints(sorted(customer_ids))
    forgotten = forget_customers(customer_ids, actor=actor)
    sql.run(EMPTY, empty)
    return forgotten


EMPTY = """
    UPDATE inbound i SET raw = '{}'
      FROM order_import r JOIN channel c ON c.id = r.channel_id
     WHERE r.id = i.run_id
       AND (EXISTS (SELECT FROM jsonb_each_text(i.raw) cell
                     WHERE lower(trim(cell.value)) = ANY (%s::text[])
                        OR cell.key ILIKE '%%customer%%' AND c.code || ':' || trim(cell.value) = ANY (%s::text[]))
            OR EXISTS (SELECT FROM orders o JOIN order_summary s ON s.order_id = o.id
                        WHERE o.channel_id = c.id AND o.reference = i.reference AND s.customer_id = ANY (%s::bigint[])))
"""
