"""A worker that is killed with -9 in the middle of a run: the next one goes on where it was, and does nothing twice."""

import os
import signal
import subprocess
import sys

import pytest
from builders import a_shelf, an_order, place_all
from django.db import connection
from people import a_person

from orderwright.lists import running
from orderwright.lists.models import Act, Run, RunRow
from orderwright.orders.models import Tag

pytestmark = pytest.mark.django_db(transaction=True)  # another process sees only what is committed

DIES_IN_THE_THIRD_ORDER = """
import os, signal, django
django.setup()
from orderwright.lists import running
running.BATCH, act, done = 1, running._acting.act, []
def deadly(*words, **more):
    answers = act(*words, **more)
    done.append(answers)
    if len(done) == 3:
        os.kill(os.getpid(), signal.SIGKILL)
    return answers
running._acting.act = deadly
running.go_on()
"""


def test_the_next_worker_goes_on_where_a_killed_one_was():
    a_shelf("BERLIN", "TEE", 100)
    orders = place_all([an_order().with_line("TEE") for _ in range(5)])
    run_id = running.begin(Act.TAG, a_person().pk, {"word": "vip"}, picked=[one.id for one in orders], query=None)
    tests = connection.settings_dict
    where = {"PGUSER": tests["USER"], "PGPASSWORD": tests["PASSWORD"], "PGHOST": tests["HOST"], "PGPORT": tests["PORT"]}
    environment = os.environ | {
        **{name: str(value) for name, value in where.items() if value},
        "DJANGO_SETTINGS_MODULE": "orderwright.settings",
        "DATABASE_URL": f"postgresql:///{tests['NAME']}",
    }

    died = subprocess.run([sys.executable, "-c", DIES_IN_THE_THIRD_ORDER], env=environment, check=False)
    before = (Tag.objects.count(), Run.objects.get().done)
    moved = running.go_on()

    assert died.returncode == -signal.SIGKILL
    assert before == (2, 2)
    assert moved == 3
    assert list(RunRow.objects.filter(run_id=run_id).values_list("answer", flat=True)) == ["done"] * 5
    assert [order.events.count("order.tagged") for order in orders] == [1] * 5
    assert Run.objects.get().ended_at is not None
