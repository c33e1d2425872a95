"""A signal wakes a waiting process, whatever it was doing at that instant."""

import signal
import subprocess
import sys
import time

from orderwright.runtime.signals import Bell

STORM = """
import signal
from orderwright.runtime.signals import Bell

bell, rings = Bell(), 0

def ring(*_):
    global rings
    rings += 1
    bell.ring()
    signal.setitimer(signal.ITIMER_REAL, 0.00002 + rings % 50 / 1_000_000)  # the next one, at some instant

signal.signal(signal.SIGALRM, ring)
ring()
while rings < 20_000:
    bell.wait(0.001)
signal.setitimer(signal.ITIMER_REAL, 0)
"""
STOPPING = """
from orderwright.runtime.signals import StopSignal

stop = StopSignal()
print("listening", flush=True)
stop.wait()
print(stop.is_given())
"""


def test_what_was_rung_before_is_heard_once() -> None:
    bell = Bell()
    assert not bell.wait(0)

    bell.ring()
    bell.ring()

    assert bell.wait(0)
    assert not bell.wait(0)


def test_a_bell_that_nobody_hears_can_be_rung_for_ever() -> None:
    bell = Bell()
    for _ in range(100_000):  # a pipe holds 65,536 bytes
        bell.ring()
    assert bell.wait(0)
    assert not bell.wait(0)


def test_signals_at_any_instant_of_the_wait_never_lock_it() -> None:
    subprocess.run([sys.executable, "-c", STORM], check=True, timeout=60)


def test_told_to_stop_it_stops() -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        with subprocess.Popen([sys.executable, "-c", STOPPING], stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            process.stdout.readline()
            time.sleep(0.05)
            process.send_signal(number)
            assert process.communicate(timeout=20)[0] == "True\n"
