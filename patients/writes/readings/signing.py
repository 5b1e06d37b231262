"""Sign a reading, which locks it; re-open it where its outlines changed; decide which reading counts."""

from collections.abc import Collection, Iterable, Iterator

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from patients.baselines import visits_and_courses
from patients.counting import reading_that_counts
from patients.models import Adjudication, Lesion, LesionReading, LesionTreatment, Patient, Reading, Timepoint
from patients.models.readings import IN_FORCE
from patients.outlined import NOTHING, OutlinedSize, VisitOutlined, outlined_visits
from patients.vocabulary import Absence, LesionRole
from patients.words.audit_words import Deed
from patients.words.reading_words import NonTarget, ReadingState, SizeState
from patients.writes.lesion_names import settle_names
from patients.writes.locking import patient_locked
from patients.writes.readings.content import WHY_LENGTH, ReadingProblem, ReadingRefused, refused
from patients.writes.readings.drafts import next_version, own_draft
from patients.writes.readings.sightings import unsaid_sightings
from patients.writes.trail.record import record

ADJUDICATION_WHY_LENGTH = 400


def sign_reading(
    reading: Reading, user: User | None, *, is_progression_open: bool = False, outlines_digest: str | None = None
) -> Reading:
    """Sign a draft as it was saved: from now on it is never changed, and it replaces the reader's earlier version.

    Lesions without a word have the size of their outline, which is noted with every lesion. Where it is the reading
    of the baseline that counts, the roles chosen in it become those of the lesions.

    Parameters
    ----------
    reading : the draft
    user : its reader; None for one without a login
    is_progression_open : an unconfirmed progression waits: clinical status and steroid dose are required
    outlines_digest : of the outlines whose sizes the reader saw; None where nobody looked at a page

    Raises
    ------
    ReadingRefused
        Everything that is missing (E_MISSING, E_SIZE, E_NON_TARGET), E_SIGNED or E_READER; E_OUTLINES where the
        outlines are no longer those that the reader saw.
    """
    with patient_locked(reading.patient_id) as patient:
        row = own_draft(reading, user)
        outlined = outlined_visits(patient.pk).get(row.timepoint_id, NOTHING)
        if outlines_digest not in (None, outlined.digest):
            raise refused("E_OUTLINES", "The outlines of this visit changed meanwhile: check the sizes again.")
        said = _with_outlines(row, patient, outlined)
        problems = [*_missing(row, said, is_progression_open=is_progression_open), *_unsized(row, said)]
        problems += unsaid_sightings(row, row.new_disease, {one.lesion_id: one.state for one in said})
        if problems:
            raise ReadingRefused(problems)
        _keep(said)
        others = Reading.objects.filter(timepoint=row.timepoint_id, state__in=IN_FORCE)
        own = others.filter(reader=row.reader_id, reader_name=row.reader_name)
        own.update(state=ReadingState.REPLACED)
        row.state, row.signed_at, row.inputs_digest = ReadingState.SIGNED, timezone.now(), outlined.digest
        row.save()
        settle_names(patient.pk, {pk for one in said for pk in (one.lesion_id, one.merged_into_id) if pk})
        _settle_roles(row.timepoint)
        record(Deed.READING_SIGNED, patient=patient, subject=row, user=user, version=row.version)
    return row


def _with_outlines(row: Reading, patient: Patient, outlined: VisitOutlined) -> list[LesionReading]:
    """What is said of each lesion, with what its outline gives; an outlined lesion without a word is measured."""
    said = list(row.lesions.select_related("lesion"))
    named = {one.lesion_id for one in said}
    for lesion in patient.lesions.all():
        seen = outlined.by_lesion.get(lesion.pk)
        if lesion.pk not in named and seen is not None and seen.size_mm is not None:
            said.append(LesionReading(reading=row, lesion=lesion, state=SizeState.MEASURED))
    for one in said:
        _note_outline(one, outlined.by_lesion.get(one.lesion_id))
    return said


def _note_outline(one: LesionReading, seen: OutlinedSize | None) -> None:
    one.outline_id = seen.segmentation_pk if seen else None
    one.outline_mm = seen.size_mm if seen else None


def _roles(row: Reading, said: Iterable[LesionReading]) -> dict[Lesion, str]:
    """How each lesion is followed: as this reader chose, else as it is recorded."""
    chosen = {one.lesion_id: one.role for one in said if one.role}
    return {lesion: chosen.get(lesion.pk, lesion.role) for lesion in row.patient.lesions.all()}


def _missing(row: Reading, said: Iterable[LesionReading], *, is_progression_open: bool) -> Iterator[ReadingProblem]:
    if not row.non_target:
        yield ReadingProblem("E_MISSING", "non_target", "Judge the non-target disease.")
    elif row.non_target == NonTarget.NA and LesionRole.NON_TARGET in _roles(row, said).values():
        sentence = "There is non-target disease: say how it has changed, or that it was not evaluated."
        yield ReadingProblem("E_NON_TARGET", "non_target", sentence)
    if not row.new_disease:
        yield ReadingProblem("E_MISSING", "new_disease", "Say whether there is a new lesion.")
    if not is_progression_open:
        return
    if row.non_target in (NonTarget.NCNP, NonTarget.PD) and not row.non_target_trend:
        sentence = "A progression waits to be confirmed: has the non-target disease changed since last time?"
        yield ReadingProblem("E_MISSING", "non_target_trend", sentence)
    if not row.clinical_status:
        sentence = "A progression waits to be confirmed: state how the patient is."
        yield ReadingProblem("E_MISSING", "clinical_status", sentence)
    if row.steroid_mg is None:
        sentence = "A progression waits to be confirmed: enter the steroid dose, 0 where there is none."
        yield ReadingProblem("E_MISSING", "steroid_mg", sentence)


def _unsized(row: Reading, said: Iterable[LesionReading]) -> Iterator[ReadingProblem]:
    """Targets nobody spoke of, unless they were treated by themselves, and lesions called measured without a size."""
    by_lesion = {one.lesion_id: one for one in said}
    treated = set(LesionTreatment.objects.filter(lesion__patient=row.patient_id).values_list("lesion_id", flat=True))
    for lesion, role in _roles(row, said).items():
        one = by_lesion.get(lesion.pk)
        if one is None and role == LesionRole.TARGET and lesion.pk not in treated:
            sentence = f"{lesion.tracking_id} has no size: outline it, enter a diameter or say how it was found."
            yield ReadingProblem("E_SIZE", "state", sentence, lesion.pk)
        elif one is not None and one.state == SizeState.MEASURED and one.diameter_mm is None and one.outline_mm is None:
            yield ReadingProblem("E_SIZE", "state", _why_unsized(one), lesion.pk)


def _why_unsized(one: LesionReading) -> str:
    name = one.lesion.tracking_id
    if one.outline is None:
        return f"{name} has no outline at this visit: enter a diameter or say how it was found."
    measured = getattr(one.outline, "measurement", None)
    if measured is not None and measured.absence == Absence.SEVERAL_PARTS:
        return f"The outline of {name} has separate parts: say that it split, or enter a diameter."
    return f"The outline of {name} has no size yet: wait for it, enter a diameter or say how it was found."


def _keep(said: Iterable[LesionReading]) -> None:
    for one in said:
        one.save()


def _settle_roles(timepoint: Timepoint) -> None:
    """Target or non-target is what the counting reading of the baseline says; no other visit's reading changes it."""
    baseline = visits_and_courses(timepoint.patient_id).baseline
    counts = reading_that_counts(timepoint.pk) if baseline and baseline.pk == timepoint.pk else None
    for one in counts.lesions.select_related("lesion") if counts else ():
        if one.role and one.role != one.lesion.role:
            Lesion.objects.filter(pk=one.lesion_id).update(role=one.role)


def reopen_readings_of(patient_pk: int, why: str) -> list[Reading]:
    """Re-open every signed reading whose outlines are no longer those it was signed on; the answer is their drafts.

    What was signed stays as it is and in force; its reader finds a draft filled with it and the reason. Call it
    with the patient locked, after the change.
    """
    rows = Reading.objects.filter(patient=patient_pk, state=ReadingState.SIGNED)
    # What was measured elsewhere rests on no outline of ours.
    signed = list(rows.exclude(inputs_digest="").order_by("pk"))
    if not signed:
        return []
    outlined = outlined_visits(patient_pk)
    stale = [row for row in signed if outlined.get(row.timepoint_id, NOTHING).digest != row.inputs_digest]
    return [_reopen(row, why[:WHY_LENGTH]) for row in stale]


@transaction.atomic
def reopen_visits(timepoint_pks: Collection[int], why: str) -> list[Reading]:
    """Re-open every signed reading of these visits, whatever their outlines; as reopen_readings_of else."""
    signed = Reading.objects.filter(timepoint__in=timepoint_pks, state=ReadingState.SIGNED).order_by("pk")
    return [_reopen(row, why[:WHY_LENGTH]) for row in signed]


def _reopen(signed: Reading, why: str) -> Reading:
    Reading.objects.filter(pk=signed.pk).update(state=ReadingState.REOPENED)
    record(Deed.READING_REOPENED, patient=signed.patient_id, subject=signed, version=signed.version)
    own = Reading.objects.filter(timepoint=signed.timepoint_id, reader=signed.reader_id, state=ReadingState.DRAFT)
    draft = own.filter(reader_name=signed.reader_name).first()
    if draft is None:
        return next_version(signed, why)
    draft.reopened_why = why
    draft.save(update_fields=["reopened_why"])
    return draft


def adjudicate(timepoint: Timepoint, reading: Reading, user: User, why: str) -> Adjudication:
    """Decide which of the signed readings of one visit counts; earlier decisions are kept, the newest counts.

    At the baseline the roles that were chosen in it become those of the lesions. Raises ReadingRefused:
    E_ADJUDICATION where there are not two signed readings or this is none of them, E_OWN where one of them is the
    decider's own, E_WHY without a reason.
    """
    with patient_locked(timepoint.patient_id) as patient:
        rows = {row.pk: row for row in Reading.objects.filter(timepoint=timepoint, state__in=IN_FORCE)}
        if len(rows) < 2 or reading.pk not in rows:
            raise refused("E_ADJUDICATION", "These are not the signed assessments of this visit. Reload the page.")
        if any(row.reader_id == user.pk for row in rows.values()):
            raise refused("E_OWN", "You are one of the two readers: somebody else must decide.")
        if not 0 < len(why.strip()) <= ADJUDICATION_WHY_LENGTH:
            raise refused("E_WHY", "Give the reason for your decision, in at most 400 letters.", "why")
        decision = Adjudication.objects.create(
            timepoint=timepoint, reading=rows[reading.pk], decided_by=user, why=why.strip()
        )
        _settle_roles(timepoint)
        record(Deed.ADJUDICATED, patient=patient, subject=decision, user=user, reading=reading.pk)
    return decision
