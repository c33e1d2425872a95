"""Who did it: a staff member, an API client, a customer, or the system itself.

An actor is written down as one word such as `staff:7`; it names a row, never a person.
"""

from typing import NewType

Actor = NewType("Actor", str)


def staff(user_id: int) -> Actor:
    return Actor(f"staff:{user_id}")


def client(api_key_id: int) -> Actor:
    return Actor(f"client:{api_key_id}")


def customer(customer_id: int) -> Actor:
    return Actor(f"customer:{customer_id}")


def system(part: str) -> Actor:
    """A part of Orderwright that acts by itself, such as `system:import`."""
    return Actor(f"system:{part}")
