"""A process is known by more than its number."""

import os
import signal
import subprocess
import sys
from pathlib import Path

from orderwright.runtime.processes import PARENT, end_recorded, identity, record, recorded

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]
DEAF = [
    sys.executable,
    "-c",
    "import signal, time; signal.signal(15, signal.SIG_IGN); print(1, flush=True); time.sleep(60)",
]


def test_recorded_process_is_found_until_it_ends(tmp_path: Path) -> None:
    file = tmp_path / "web.pid"
    with subprocess.Popen(SLEEP) as process:
        record(file, process.pid)
        assert recorded(file) == process.pid
        process.kill()

    assert recorded(file) is None


def test_number_taken_by_another_process_is_not_believed(tmp_path: Path) -> None:
    file = tmp_path / "web.pid"
    file.write_text(f"{os.getpid()} 12345\n")

    end_recorded(file)

    assert identity(os.getpid()) is not None
    assert not file.exists()


def test_what_is_left_over_is_ended_even_when_it_does_not_listen(tmp_path: Path) -> None:
    file = tmp_path / "web.pid"
    process = subprocess.Popen(DEAF, stdout=subprocess.PIPE)
    assert process.stdout is not None
    with process.stdout as said:
        said.readline()
    record(file, process.pid)

    end_recorded(file, patience_seconds=0.3)

    assert process.wait() == -signal.SIGKILL
    assert not file.exists()


def test_process_whose_parent_is_gone_already_does_not_go_on() -> None:
    script = "from orderwright.runtime.processes import end_with_parent as e; e(); print('goes on')"

    orphan = subprocess.run(
        [sys.executable, "-c", script], env={**os.environ, PARENT: "1"}, capture_output=True, text=True, check=False
    )

    assert orphan.returncode == 1
    assert orphan.stdout == ""
