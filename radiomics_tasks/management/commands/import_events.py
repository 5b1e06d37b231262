"""`manage.py import_events`: a CSV table of clinical events, all of it or nothing."""

from radiomics_tasks.arrivals.lab_command import LabCommand
from radiomics_tasks.arrivals.lab_intake import EVENTS


class Command(LabCommand):
    help = "File a CSV table of clinical events (see the README for its columns); the same file again is recognised."
    kind = EVENTS
