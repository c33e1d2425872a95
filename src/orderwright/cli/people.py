"""`orderwright people let-in`, `list` and `password`: who may sign in to the desk."""

import click

from orderwright.cli.django_command import DjangoCommand
from orderwright.kernel import actors
from orderwright.kernel.errors import NotFound
from orderwright.staff import people as staff_people
from orderwright.staff.roles import ROLES

ACTOR = actors.system("command_line")


@click.group()
def people() -> None:
    """The people who work here."""


@people.command("let-in", cls=DjangoCommand)
@click.argument("email")
@click.option("--name", required=True)
@click.option("--role", type=click.Choice(list(ROLES)), required=True)
@click.password_option(help="Fifteen characters or more; asked for, where it is left out.")
def let_in(email: str, name: str, role: str, password: str) -> None:
    """Give the person with the address EMAIL an account."""
    person = staff_people.let_in(email, name, role, password, actor=ACTOR)
    click.echo(f"{person.name} may sign in as {person.email}.")


@people.command("list", cls=DjangoCommand)
def list_people() -> None:
    """List who works here, or did."""
    for person in staff_people.people():
        click.echo(
            f"{person.id:>5}  {person.email}  {person.name}  {person.role}{'' if person.is_active else '  (let go)'}"
        )


@people.command(cls=DjangoCommand)
@click.argument("email")
@click.password_option(help="Fifteen characters or more; asked for, where it is left out.")
def password(email: str, password: str) -> None:
    """Set the password of the person with the address EMAIL; they are signed out everywhere."""
    for person in staff_people.people():
        if person.email == email.strip().lower():
            staff_people.set_password(person.id, password, actor=ACTOR)
            click.echo(f"{person.name} has a new password.")
            return
    raise NotFound(thing="person", name=email)
