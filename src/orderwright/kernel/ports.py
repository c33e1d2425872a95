"""Ports: what the outside must be able to do, and which adapters for it are installed.

A port is a Protocol in a room; an adapter is a plain object that an entry point names, such as
`[project.entry-points."orderwright.payment_provider"]`.
"""

from functools import lru_cache
from importlib.metadata import entry_points
from typing import Any

from django.utils.translation import gettext_lazy as _

from orderwright.kernel.errors import Refusal


class NotInstalled(Refusal):
    code = "not_installed"
    status = 422
    sentence = _("No {port} named {name} is installed.")


@lru_cache
def installed(port: str) -> dict[str, Any]:
    """The adapters of a port by name: `{"fake": <class>}` for `payment_provider`."""
    return {entry.name: entry.load() for entry in entry_points(group=f"orderwright.{port}")}


def adapter(port: str, name: str) -> Any:
    """The adapter of this name; refused where none is installed."""
    found = installed(port).get(name)
    if found is None:
        raise NotInstalled(port=port, name=name)
    return found


class BadSignature(Refusal):
    code = "bad_signature"
    status = 400
    sentence = _("This message is not signed by {sender}, or was signed too long ago.")


class BadMessage(Refusal):
    code = "bad_message"
    status = 400
    sentence = _("This message of {sender} cannot be read.")
