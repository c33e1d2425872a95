"""People who work in the tests' shop."""

from django.contrib.auth.hashers import make_password
from django.test import Client

from orderwright.staff.models import User

PASSWORD = "correct horse battery staple"


def a_person(role: str = "owner") -> User:
    """Somebody with this role; the same one, when asked for again."""
    email = f"{role}@shop.example"
    user = User.objects.filter(username=email).first()
    return user or User.objects.create(
        username=email, email=email, first_name=role.capitalize(), role=role, password=make_password(PASSWORD)
    )


def signed_in(role: str = "owner", *, checks: bool = False) -> Client:
    """A browser in which somebody with this role is signed in; with `checks`, forms need their token."""
    client = Client(enforce_csrf_checks=checks)
    client.force_login(a_person(role))
    return client
