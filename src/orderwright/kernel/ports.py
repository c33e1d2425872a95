"""Ports: what the outside must be able to do, and which adapters for it are installed.

A port is a Protocol in a room; an adapter is a plain object that an entry point names, such as
`[project.entry-points."orderwright.payment_provider"]`.
"""

from collections.abc import Mapping
from functools import lru_cache
from importlib.metadata import entry_points
from types import MappingProxyType
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


@lru_cache
def accounts(configured: str) -> Mapping[str, tuple[str, str]]:
    """What a setting says of accounts: `fake=http://127.0.0.1:8900=secret,…`, as (address, secret) by code."""
    parts = (part.strip().split("=", 2) for part in configured.split(",") if part.strip())
    return MappingProxyType({code: (url, secret) for code, url, secret in parts})


def open_account(port: str, code: str, configured: str) -> Any:
    """The adapter for the account with this code; refused where the setting has none, or no adapter is installed."""
    found = accounts(configured).get(code)
    if found is None:
        raise NotInstalled(port=port, name=code)
    return _opened(port, code, *found)


@lru_cache
def _opened(port: str, code: str, url: str, secret: str) -> Any:
    return adapter(port, code)(url, secret)


class BadSignature(Refusal):
    code = "bad_signature"
    status = 400
    sentence = _("This message is not signed by {sender}, or was signed too long ago.")


class BadMessage(Refusal):
    code = "bad_message"
    status = 400
    sentence = _("This message of {sender} cannot be read.")
