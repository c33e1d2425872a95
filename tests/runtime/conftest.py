"""A data folder for servers of the test's own, which it may kill."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from orderwright.runtime.embedded import ensure_running, running_pid
from orderwright.runtime.folders import DataFolder


@pytest.fixture
def data() -> Iterator[Path]:
    """An empty data folder that the server's user may enter, which it may not pytest's own."""
    folder = Path(tempfile.mkdtemp(prefix="orderwright-test-"))
    folder.chmod(0o755)
    yield folder
    if running_pid(DataFolder(folder)) is not None:
        ensure_running(folder).stop()
    shutil.rmtree(folder)
