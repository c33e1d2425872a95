"""Signals that wake a waiting process.

`threading.Event` is not made for a signal's handler: the handler runs in the thread that it interrupts, and when that
thread holds the event's lock at this instant (it is about to wait, or clears it), the handler waits for that lock for
ever.  A byte in a pipe has no lock (D. J. Bernstein's "self-pipe trick").
"""

import os
import select
import signal
from contextlib import suppress
from types import FrameType


class Bell:
    """What a signal's handler rings and a loop waits for. To be made, and waited for, in one thread."""

    def __init__(self) -> None:
        """A bell that was not rung yet."""
        self._out, self._in = os.pipe()
        for end in (self._out, self._in):
            os.set_blocking(end, False)

    def ring(self) -> None:
        """Wake whoever waits, or the next one who would. Rung twice before anybody hears it, it was rung once."""
        with suppress(BlockingIOError):  # as many bytes as a pipe can hold are in it already
            os.write(self._in, b"!")

    def wait(self, seconds: float | None = None) -> bool:
        """Wait until it is rung, `seconds` at the longest; answers whether it was. It can be rung anew afterwards."""
        if not select.select([self._out], [], [], seconds)[0]:
            return False
        with suppress(BlockingIOError):
            while os.read(self._out, 4096):
                pass
        return True


class StopSignal:
    """SIGTERM and Ctrl-C, as a wish to stop that the process may look at when it suits."""

    def __init__(self) -> None:
        """Listen from now on."""
        self._bell, self._given = Bell(), False
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._hear)

    def is_given(self) -> bool:
        """Whether we were told to stop."""
        return self._given

    def wait(self) -> None:
        """Wait until we are told to stop."""
        while not self._given:
            self._bell.wait()

    def _hear(self, number: int, frame: FrameType | None) -> None:
        self._given = True
        self._bell.ring()
