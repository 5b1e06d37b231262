"""One order of locks for everybody: the patient's row first, then its rows, then the runs."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

from patients.models import Patient


@contextmanager
def patient_locked(patient_pk: int) -> Iterator[Patient]:
    """A transaction in which nobody else changes this patient's record.

    Whoever links, files or concludes begins here, so two of them wait for each other and never both.
    Rows that merely refer to the patient may still be added.
    """
    with transaction.atomic():
        yield Patient.objects.select_for_update(no_key=True).get(pk=patient_pk)


def lock_volume(digest: str) -> None:
    """Until the transaction ends, nobody else files these very images, under whichever patient.

    There is no row to lock yet: two people who file one scan under two patients would both find it filed nowhere.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [digest])
