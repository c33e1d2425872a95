"""What the tests of shipping share: the fake carrier."""

from carriers import fake_carrier

__all__ = ["fake_carrier"]
