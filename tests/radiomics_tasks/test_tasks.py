"""The processes of a worker step back behind those that answer people."""

import os
import subprocess
import sys

from radiomics_tasks.tasks import NICENESS
from tests.live_worker import ROOT

# In a process of its own: niceness only ever grows.
BEGUN = """
import os, django
django.setup()
import radiomics_tasks.tasks
from celery.signals import worker_process_init
before = os.nice(0)
worker_process_init.send(sender=None)
print(os.nice(0) - before)
"""


def test_a_process_of_a_worker_is_nicer_than_the_web():
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "monitoring.settings"}
    done = subprocess.run(
        [sys.executable, "-c", BEGUN], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert int(done.stdout.split()[-1]) == NICENESS > 0
