"""The running shop that these tests share."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from faulty import PATIENCE_SECONDS, RunningShop, wait

from orderwright.runtime.folders import DataFolder
from orderwright.runtime.tcp_ports import any_free


@pytest.fixture(scope="session")
def shop() -> Iterator[RunningShop]:
    """A shop with the demo in it, durable as it comes, on a port and a data folder of its own."""
    data = Path(tempfile.mkdtemp(prefix="orderwright-faults-"))
    data.chmod(0o755)  # PostgreSQL runs as another user where we are root
    inherited = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    environment = {**inherited, "ORDERWRIGHT_DATA": str(data), "ORDERWRIGHT_PORT": str(any_free())}
    log = data / "said.log"
    with log.open("ab") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", "orderwright", "run"], env=environment, stdout=said, stderr=said
        )
    running = RunningShop(DataFolder(data), process, log, environment)
    try:
        wait(lambda: (running.folder.run / "address").exists() or process.poll() is not None)
        assert process.poll() is None, log.read_text()
        yield running
    finally:
        for caller in running.callers:
            caller.hang_up()
        process.send_signal(signal.SIGTERM)
        process.wait(PATIENCE_SECONDS)
        shutil.rmtree(data, ignore_errors=True)
