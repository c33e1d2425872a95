"""Setting Django up in a process of ours, with the database's URL in the environment first."""

import importlib
import os

from orderwright.runtime.database import provide


def wake_django(*, with_database: bool = True) -> None:
    """Set Django up on the database, which is started if it is the embedded one.

    Django is named and not imported, so that the process that watches the others can import this module for nothing.
    """
    if with_database:
        provide()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "orderwright.settings")
    importlib.import_module("django").setup()
