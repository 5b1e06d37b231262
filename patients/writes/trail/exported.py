"""That a command wrote patients' data into a file: who, of whom, in the trail before the first row."""

from django.db import transaction
from django.db.models import QuerySet

from patients.models import Patient
from patients.words.audit_words import Deed
from patients.writes.trail.chain import link_events
from patients.writes.trail.record import write_event


def note_export(patients: "QuerySet[Patient]", *, is_of_all: bool) -> None:
    """Record the export of these patients: of each by its code, or, of all there are, by their teams."""
    with transaction.atomic():
        if is_of_all:
            write_event(Deed.EXPORTED, teams=set(patients.values_list("team_id", flat=True)))
        else:
            for code in patients.values_list("code", flat=True):
                write_event(Deed.EXPORTED, patient_code=code, subject=("patient", str(code)))
    link_events(waits=True)
