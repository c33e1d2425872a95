"""The worker process: what is in the queue, and what the timetable says.

python -m orderwright.runtime.work
"""

import importlib

from orderwright.runtime.django_setup import wake_django
from orderwright.runtime.processes import end_with_parent


def main() -> None:
    """Run the worker until SIGTERM or SIGINT."""
    end_with_parent()
    wake_django()
    importlib.import_module("orderwright.jobs.worker").run()


if __name__ == "__main__":
    main()
