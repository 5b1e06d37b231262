"""A reader's draft of one visit: begun, kept as far as it is, or thrown away."""

from typing import Any

from django.contrib.auth.models import User

from patients.models import LesionReading, Reading, Timepoint
from patients.models.readings import IN_FORCE
from patients.words.audit_words import Deed
from patients.words.reading_words import ReadingState
from patients.writes.locking import patient_locked
from patients.writes.readings.content import LesionContent, ReadingContent, ReadingRefused, content_problems, refused
from patients.writes.readings.lines import PlacedLine, placed_lines
from patients.writes.readings.opened import forget_opened
from patients.writes.readings.sightings import new_lesion_problems
from patients.writes.trail.record import record

# What a next version takes over from the signed one; sizes of outlines are looked up again.
JUDGED = (
    "non_target",
    "non_target_trend",
    "non_target_on",
    "new_disease",
    "new_on",
    "new_disease_why",
    "equivocal_resolved",
    "confirms_equivocal",
    "regions_not_scanned",
    "reappearance",
    "reappearance_why",
    "is_merged_cr_confirmed",
    "clinical_status",
    "steroid_mg",
    "is_for_symptom",
    "note",
)
SAID = (
    "lesion_id",
    "state",
    "diameter_mm",
    "diameter_from",
    "diameter_why",
    "parts_mm",
    "merged_into_id",
    "trend",
    "observed_on",
    "role",
    "why",
    "drawn_on_id",
    "drawn_at",
)


def start_reading(timepoint: Timepoint, reader: User | None, reader_name: str = "") -> Reading:
    """The reader's draft of a visit: the one there is, else a new one.

    Where the reader has signed already, it is the next version, filled with what was signed; else nothing is
    judged in it. `reader_name` stands where there is no login.
    """
    if reader is None and not reader_name.strip():
        raise refused("E_READER", "Say who read the scans.", "reader")
    with patient_locked(timepoint.patient_id):
        own = Reading.objects.filter(timepoint=timepoint, reader=reader, reader_name=reader_name.strip())
        draft = own.filter(state=ReadingState.DRAFT).first()
        if draft is not None:
            return draft
        signed = own.filter(state__in=(*IN_FORCE, ReadingState.WITHDRAWN)).order_by("version").last()
        if signed is not None:
            return next_version(signed)
        row = Reading.objects.create(
            patient_id=timepoint.patient_id, timepoint=timepoint, reader=reader, reader_name=reader_name.strip()
        )
        record(Deed.READING_BEGUN, patient=timepoint.patient_id, subject=row, user=reader, version=row.version)
        return row


def draft_of_version(timepoint: Timepoint, reader: User, version: int) -> Reading:
    """The reader's draft of this very version; the first one is begun here where the reader has none.

    Raises ReadingRefused, E_SIGNED, where that version was signed or thrown away meanwhile: a form that stood
    open elsewhere begins no other version.
    """
    with patient_locked(timepoint.patient_id):
        own = Reading.objects.filter(timepoint=timepoint, reader=reader, reader_name="")
        draft = own.filter(state=ReadingState.DRAFT).first()
        if draft is not None and draft.version == version:
            return draft
        if draft is None and version == 1 and not own.exists():
            return start_reading(timepoint, reader)
        signed = own.filter(state__in=IN_FORCE).first()
        if signed is not None and signed.version >= version:
            raise refused(
                "E_SIGNED",
                f"You have signed this assessment already (version {signed.version}). What this page held was not "
                "kept. Choose “Revise” to enter another version.",
            )
        raise refused("E_SIGNED", "This draft was thrown away meanwhile. Reload the page to begin another one.")


def says_the_same(row: Reading, content: ReadingContent) -> bool:
    """Whether a reading says exactly what was entered: then the form was sent twice."""
    said = {one.lesion_id: one for one in row.lesions.all()}
    if {one.lesion_pk for one in content.lesions} != set(said):
        return False
    placed, _ = placed_lines(row, content)
    entered = [(_lesion_row(row, one, placed.get(one.lesion_pk)), said[one.lesion_pk]) for one in content.lesions]
    return all(getattr(row, name) == value for name, value in _columns(content).items()) and all(
        getattr(new, name) == getattr(old, name) for new, old in entered for name in SAID
    )


def next_version(signed: Reading, why: str = "") -> Reading:
    """A draft filled with what was signed, lesions too. Call it with the patient locked."""
    draft = Reading.objects.create(
        patient_id=signed.patient_id,
        timepoint_id=signed.timepoint_id,
        reader_id=signed.reader_id,
        reader_name=signed.reader_name,
        version=signed.version + 1,
        supersedes=signed,
        reopened_why=why,
        **{name: getattr(signed, name) for name in JUDGED},
    )
    LesionReading.objects.bulk_create(
        LesionReading(reading=draft, **{name: getattr(said, name) for name in SAID}) for said in signed.lesions.all()
    )
    record(Deed.READING_BEGUN, patient=signed.patient_id, subject=draft, version=draft.version)
    return draft


def save_reading(reading: Reading, content: ReadingContent, user: User | None) -> Reading:
    """Keep a draft as it is entered, the whole form at once.

    Raises ReadingRefused with everything that is wrong, having changed nothing: E_SIGNED where it was signed
    meanwhile, E_READER where it is another reader's, else the code and field of each problem.
    """
    with patient_locked(reading.patient_id):
        row = own_draft(reading, user)
        placed = check_content(row, content)
        for name, value in _columns(content).items():
            setattr(row, name, value)
        row.save()
        row.lesions.all().delete()
        LesionReading.objects.bulk_create(
            _lesion_row(row, said, placed.get(said.lesion_pk)) for said in content.lesions
        )
        record(Deed.READING_SAVED, patient=row.patient_id, subject=row, user=user, version=row.version)
    return row


def discard_reading(reading: Reading, user: User | None) -> None:
    """Throw a draft away; what was signed before stays in force. Raises ReadingRefused as save_reading.

    The new lesions that were opened for it go with it, unless an outline or another reading names them.
    """
    with patient_locked(reading.patient_id):
        row = own_draft(reading, user)
        opened = {one.lesion_id for one in row.lesions.all()}
        record(Deed.READING_DISCARDED, patient=row.patient_id, subject=row, user=user, version=row.version)
        row.delete()
        if user is not None:
            forget_opened(row.patient_id, user, opened)


def own_draft(reading: Reading, user: User | None) -> Reading:
    """The row as it stands now; raises ReadingRefused where it may not be written by this login."""
    row = Reading.objects.select_related("timepoint").filter(pk=reading.pk).first()
    if row is None or row.state != ReadingState.DRAFT:
        raise refused("E_SIGNED", "This assessment was signed or thrown away meanwhile. Reload the page.")
    if row.reader_id != (user.pk if user else None):
        raise refused("E_READER", "This is another reader's assessment.", "reader")
    return row


def check_content(row: Reading, content: ReadingContent) -> dict[int, PlacedLine]:
    """Raise ReadingRefused with everything that is wrong with what was entered; else the drawn lines, by lesion."""
    lesions = {lesion.pk: lesion for lesion in row.patient.lesions.all()}
    dates = list(row.timepoint.scans.values_list("acquired_on", flat=True))
    if not dates and row.timepoint.judged_on:
        dates = [row.timepoint.judged_on]
    placed, misplaced = placed_lines(row, content)
    wrong = content_problems(content, lesions, dates)
    problems = [*wrong, *misplaced, *new_lesion_problems(row, content, lesions.values())]
    if problems:
        raise ReadingRefused(problems)
    return placed


def _columns(content: ReadingContent) -> dict[str, Any]:
    return {
        "non_target": content.non_target or "",
        "non_target_trend": content.non_target_trend or "",
        "non_target_on": content.non_target_on,
        "new_disease": content.new_disease or "",
        "new_on": content.new_on,
        "new_disease_why": content.new_disease_why.strip(),
        "equivocal_resolved": content.equivocal_resolved,
        "confirms_equivocal": content.confirms_equivocal,
        "regions_not_scanned": [region.value for region in content.regions_not_scanned],
        "reappearance": content.reappearance or "",
        "reappearance_why": content.reappearance_why.strip(),
        "is_merged_cr_confirmed": content.is_merged_cr_confirmed,
        "clinical_status": content.clinical_status or "",
        "steroid_mg": content.steroid_mg,
        "is_for_symptom": content.is_for_symptom,
        "note": content.note.replace("\0", ""),
    }


def _lesion_row(row: Reading, said: LesionContent, placed: PlacedLine | None) -> LesionReading:
    """A drawn diameter is as long as its line; the field of the page has but two decimals of it."""
    return LesionReading(
        reading=row,
        lesion_id=said.lesion_pk,
        state=said.state,
        diameter_mm=placed.length_mm if placed else said.diameter_mm,
        drawn_on_id=placed.drawn_on_pk if placed else None,
        drawn_at=placed.drawn_at if placed else {},
        diameter_from=said.diameter_from,
        diameter_why=said.diameter_why.strip(),
        parts_mm=list(said.parts_mm),
        merged_into_id=said.merged_into_pk,
        trend=said.trend or "",
        observed_on=said.observed_on,
        role=said.role or "",
        why=said.why.strip(),
    )
