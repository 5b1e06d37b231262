"""Laboratory results and clinical events: entered, corrected by a new row, taken back; never changed in place."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import asdict

from django.contrib.auth.models import User
from django.utils import timezone

from patients.lab_tables.happenings import EventSaid
from patients.lab_tables.results import ResultSaid
from patients.models import ClinicalEvent, LabResult, Lesion, Patient
from patients.words.audit_words import Deed
from patients.writes.locking import patient_locked
from patients.writes.trail.record import record

Said = ResultSaid | EventSaid
Row = LabResult | ClinicalEvent
BATCH = 2000


class LabRefused(Exception):
    """A result or an event cannot be entered like this: the field at fault and a sentence."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__(sentence)
        self.field = field
        self.sentence = sentence


def enter_result(patient: Patient, said: ResultSaid, user: User | None) -> LabResult:
    """Enter one result; entered twice it is one row. Raises LabRefused where another one stands in its place."""
    with patient_locked(patient.pk):
        known = LabResult.objects.filter(patient=patient, row_digest=said.digest, superseded_at=None).first()
        if known is None:
            _check_place(patient, said)
            known = _result(patient.pk, said, user)
            known.save()
            record(Deed.RESULT_ENTERED, patient=patient, subject=known, user=user)
    return known


def enter_event(patient: Patient, said: EventSaid, user: User | None) -> ClinicalEvent:
    """Enter one event; entered twice it is one row. Raises LabRefused for a lesion that the patient has not."""
    with patient_locked(patient.pk):
        known = ClinicalEvent.objects.filter(patient=patient, row_digest=said.digest, superseded_at=None).first()
        if known is None:
            known = _event(patient.pk, said, user, lesions_named(patient.pk))
            known.save()
            record(Deed.RESULT_ENTERED, patient=patient, subject=known, user=user)
    return known


def correct_result(row: LabResult, said: ResultSaid, user: User | None, why: str) -> LabResult:
    """Put a result in the place of another, which stays to be seen. Raises LabRefused."""
    with patient_locked(row.patient_id):
        _check_in_force(row)
        if said.digest == row.row_digest:
            raise LabRefused("value", "Nothing is different. Change what was wrong, or take the result back.")
        _check_place(row.patient, said, row)
        later = _result(row.patient_id, said, user)
        later.save()
        _supersede(row, later, why)
        record(Deed.RESULT_CORRECTED, patient=row.patient_id, subject=later, user=user)
    return later


def correct_event(row: ClinicalEvent, said: EventSaid, user: User | None, why: str) -> ClinicalEvent:
    """Put an event in the place of another, which stays to be seen. Raises LabRefused."""
    with patient_locked(row.patient_id):
        _check_in_force(row)
        if ClinicalEvent.objects.filter(patient=row.patient, row_digest=said.digest, superseded_at=None).exists():
            raise LabRefused("kind", "This event is entered already. Change what was wrong, or take this one back.")
        later = _event(row.patient_id, said, user, lesions_named(row.patient_id))
        later.save()
        _supersede(row, later, why)
        record(Deed.RESULT_CORRECTED, patient=row.patient_id, subject=later, user=user)
    return later


def take_back(row: Row, why: str) -> None:
    """Take a row back that was entered by mistake; it stays to be seen. Raises LabRefused."""
    with patient_locked(row.patient_id):
        _check_in_force(row)
        _supersede(row, None, why)
        record(Deed.RESULT_TAKEN_BACK, patient=row.patient_id, subject=row)


def file_results(said: Iterable[tuple[int, ResultSaid]], user: User | None) -> int:
    """File checked results of patients who are locked; their number."""
    rows = LabResult.objects.bulk_create([_result(pk, one, user) for pk, one in said], BATCH)
    _note_table(Counter(row.patient_id for row in rows), "labresult", user)
    return len(rows)


def file_events(said: Sequence[tuple[int, EventSaid]], user: User | None) -> int:
    """File checked events of patients who are locked; their number. Raises LabRefused."""
    lesions = {pk: lesions_named(pk) for pk in {pk for pk, _ in said}}
    rows = ClinicalEvent.objects.bulk_create([_event(pk, one, user, lesions[pk]) for pk, one in said], BATCH)
    _note_table(Counter(row.patient_id for row in rows), "clinicalevent", user)
    return len(rows)


def _note_table(rows: Counter[int], kind: str, user: User | None) -> None:
    for patient_pk, count in rows.items():
        record(Deed.TABLE_FILED, patient=patient_pk, user=user, kind=kind, rows=count)


def lesions_named(patient_pk: int) -> dict[str, int]:
    """The keys of a patient's lesions by their names in small letters."""
    rows = Lesion.objects.filter(patient=patient_pk).values_list("tracking_id", "pk")
    return {name.lower(): pk for name, pk in rows}


def _result(patient_pk: int, said: ResultSaid, user: User | None) -> LabResult:
    return LabResult(patient_id=patient_pk, row_digest=said.digest, entered_by=user, **asdict(said))


def _event(patient_pk: int, said: EventSaid, user: User | None, lesions: dict[str, int]) -> ClinicalEvent:
    fields = asdict(said)
    lesion = fields.pop("lesion")
    if lesion and lesion.lower() not in lesions:
        known = ", ".join(sorted(lesions)) or "none yet"
        raise LabRefused("lesion", f"The patient has no lesion named {lesion}. Known are: {known}.")
    key = lesions[lesion.lower()] if lesion else None
    return ClinicalEvent(patient_id=patient_pk, row_digest=said.digest, entered_by=user, lesion_id=key, **fields)


def _check_place(patient: Patient, said: ResultSaid, instead_of: LabResult | None = None) -> None:
    """One analyte has one result at one time by one assay."""
    analyte, name, unit, on, at, assay = said.identity
    rows = LabResult.objects.filter(
        patient=patient, analyte=analyte, name=name, canonical_unit=unit, taken_on=on, taken_at=at, assay=assay
    )
    standing = rows.filter(superseded_at=None)
    other = (standing.exclude(pk=instead_of.pk) if instead_of else standing).first()
    if other is not None:
        raise LabRefused("value", place_taken(other))


def place_taken(other: LabResult) -> str:
    """What to say where another result stands in the same place."""
    entered = f"{other.value:.15g} {other.unit}"
    return f"{other.name} of {other.taken_on} is entered as {entered}. Correct that one, or say the time of day."


def _check_in_force(row: Row) -> None:
    if type(row).objects.filter(pk=row.pk, superseded_at=None).first() is None:
        raise LabRefused("", "Someone else just corrected this or took it back. Reload the page.")


def _supersede(row: Row, later: Row | None, why: str) -> None:
    type(row).objects.filter(pk=row.pk).update(
        superseded_at=timezone.now(), superseded_by=later, superseded_why=why.strip()[:200]
    )
