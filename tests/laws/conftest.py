"""How hard the laws try: a bounded number of the same examples in `make test`, many random ones in `make laws`."""

import os
from datetime import timedelta

from hypothesis import HealthCheck, Phase, settings

SLOW_IS_FINE = [HealthCheck.too_slow, HealthCheck.function_scoped_fixture, HealthCheck.data_too_large]

settings.register_profile(
    "test",
    max_examples=50,
    stateful_step_count=25,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],  # a failure is shown as it was found; `make laws` makes it small
    suppress_health_check=SLOW_IS_FINE,
)
settings.register_profile(
    "laws",
    max_examples=300,
    stateful_step_count=50,
    deadline=timedelta(seconds=60),
    print_blob=True,
    suppress_health_check=SLOW_IS_FINE,
)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "test"))
