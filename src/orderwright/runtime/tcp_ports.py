"""Finding free TCP ports on this machine."""

import random
import socket

BELOW_OUTGOING = range(15432, 30000)  # where no outgoing connection takes a port by itself


class NoFreePort(RuntimeError):
    """Every port that was tried is taken."""


def is_free(port: int, host: str = "127.0.0.1") -> bool:
    """Whether nobody listens on the port, and we may."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def any_free() -> int:
    """A free port on 127.0.0.1, drawn by lot, so that two who look at once seldom find the same."""
    for port in random.sample(BELOW_OUTGOING, 200):
        if is_free(port):
            return port
    raise NoFreePort("No free port was found on 127.0.0.1.")


def first_free(first: int, host: str) -> int:
    """`first`, or the next port that is free."""
    for port in range(first, min(first + 1000, 65536)):
        if is_free(port, host):
            return port
    raise NoFreePort(f"No port from {first} on is free on {host}.")
