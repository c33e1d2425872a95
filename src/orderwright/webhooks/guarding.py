"""Guarding the inside: whoever may name an address must not make us call our own network.

An address is looked at twice: its words when it is written down, and the IP addresses behind its name at the moment of
connecting, for a name can point elsewhere a second later.  We connect to the very address that was looked at.
"""

import asyncio
import re
import socket
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache, partial
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from orderwright.kernel.errors import Refusal

LONGEST_URL = 2000
LEAST_FREE_PORT = 1024
PORTS = {"https": 443, "http": 80}
LOOKUPS_AT_ONCE = 64  # a name that nobody answers for keeps a thread for half a minute
OF_THE_CLOUD = frozenset({ip_address("168.63.129.16")})  # public by number, and yet a platform's inner service
INSIDE_NAMES = ("localhost", ".localhost", ".local", ".internal", ".home.arpa")
# IPv6 addresses that hold an IPv4 address which a gateway would call.
WRAPPING = [ip_network(text) for text in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "::/96")]
# Not private by their numbers, and yet of the network where they are called: IETF protocols, and 6to4's relays.
OF_A_NETWORK = [ip_network("192.0.0.0/24"), ip_network("192.88.99.0/24")]

Address = IPv4Address | IPv6Address


class BadAddress(Refusal):
    code = "bad_webhook_address"
    status = 422
    sentence = _("This address cannot be told of events: {problem}")


class Inside(OSError):
    """The name leads to an address inside a network."""


def check_url(url: str) -> None:
    """Refuse a URL that could never be called; says why."""
    problem = _problem(url)
    if problem is not None:
        raise BadAddress(problem=problem)


def _problem(url: str) -> str | Promise | None:
    if len(url) > LONGEST_URL or not re.fullmatch(r"[!-~]+", url) or re.search(r"[\\<>\"^`{|}]", url):
        return _("a URL of visible ASCII characters is needed, 2,000 at most")
    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.hostname or ""
    except ValueError:
        return _("this is not a URL")
    if parts.scheme not in ("https", "http"):
        return _("https:// is needed")
    if parts.scheme == "http" and not settings.WEBHOOKS_HTTP:
        return _("https:// is needed, for events are not for everybody's eyes")
    if "@" in parts.netloc:
        return _("it must not hold a user or a password")
    if "#" in url:
        return _("it must not have a fragment")
    if not re.fullmatch(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?\.?|[0-9a-f:.]+", host) or ".." in host or len(host) > 253:
        return _("it names no host")
    if port is not None and port not in PORTS.values() and port < LEAST_FREE_PORT:
        return _("its port belongs to another service")
    return _problem_of_host(host)


def _problem_of_host(host: str) -> str | Promise | None:
    literal = _literal(host)
    if literal is not None:
        return None if may_call(literal) else _("it lies inside a network")
    if re.fullmatch(r"(0x)?[0-9a-f]+", host.rsplit(".", 1)[-1]) and re.search(r"[0-9]", host.rsplit(".", 1)[-1]):
        return _("it names no host")  # 127.1, 2130706433, 0x7f000001: numbers that some take for addresses
    if host.rstrip(".") in INSIDE_NAMES or ("." + host.rstrip(".")).endswith(INSIDE_NAMES):
        return None if _opened() else _("it lies inside a network")
    return None


def may_call(address: Address) -> bool:
    """Whether an address lies outside, or in a network that the deployment opened."""
    if isinstance(address, IPv6Address) and address.ipv4_mapped is not None:
        address = address.ipv4_mapped
    if any(address.version == network.version and address in network for network in _opened()):
        return True
    if isinstance(address, IPv6Address):
        if address.scope_id or address.is_site_local or any(address in network for network in WRAPPING):
            return False
    elif address in OF_THE_CLOUD or any(address in network for network in OF_A_NETWORK):
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


def first_outside(addresses: Iterable[str]) -> str:
    """The first of the addresses behind a name that may be called.  Raises `Inside` where none may."""
    for text in addresses:
        address = _literal(text)
        if address is not None and may_call(address):
            return text
    raise Inside("the address lies inside a network")


async def address_of(host: str, port: int) -> str:
    """The address behind a name, now, that may be called; to be connected to as it is.  Raises OSError."""
    look_up = partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
    try:
        found = await asyncio.get_running_loop().run_in_executor(_lookups(), look_up)
    except UnicodeError as error:
        raise OSError("the name cannot be resolved") from error
    return first_outside(str(entry[4][0]) for entry in found)


@lru_cache
def _lookups() -> ThreadPoolExecutor:
    """Threads for names alone: the system looks them up one a thread, however long that takes."""
    return ThreadPoolExecutor(LOOKUPS_AT_ONCE, thread_name_prefix="webhooks-names")


def _literal(host: str) -> Address | None:
    try:
        return ip_address(host)
    except ValueError:
        return None


def _opened() -> tuple[IPv4Network | IPv6Network, ...]:
    return _networks(settings.WEBHOOKS_INSIDE)


@lru_cache
def _networks(configured: str) -> tuple[IPv4Network | IPv6Network, ...]:
    return tuple(ip_network(part.strip()) for part in configured.split(",") if part.strip())
