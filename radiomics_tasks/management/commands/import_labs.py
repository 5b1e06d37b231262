"""`manage.py import_labs`: a CSV table of laboratory results, all of it or nothing."""

from radiomics_tasks.arrivals.lab_command import LabCommand
from radiomics_tasks.arrivals.lab_intake import RESULTS


class Command(LabCommand):
    help = "File a CSV table of laboratory results (see the README for its columns); the same file again is recognised."
    kind = RESULTS
