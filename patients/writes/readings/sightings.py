"""A new lesion in a reading: found for the first time it is new disease, and only unmeasured it is judged by eye."""

from collections.abc import Iterable, Iterator, Mapping

from django.db.models import Min
from django.db.models.functions import Coalesce

from patients.models import Lesion, LesionReading, Reading, Timepoint
from patients.models.readings import IN_FORCE
from patients.vocabulary import LesionRole
from patients.words.reading_words import NewDisease, NewLesionKind, SizeState
from patients.writes.readings.content import ReadingContent, ReadingProblem, trend_problems

NOT_THERE = (SizeState.ABSENT, SizeState.NOT_EVALUABLE)
# A visit where a lesion is found for the first time cannot be called one of these.
NOTHING_NEW = (NewDisease.NO, NewDisease.NE)


def new_lesion_problems(row: Reading, content: ReadingContent, lesions: Iterable[Lesion]) -> Iterator[ReadingProblem]:
    """What contradicts itself in what was entered of new lesions; `lesions`: those of the patient."""
    new = {lesion.pk: lesion for lesion in lesions if lesion.role == LesionRole.NEW}
    for said in content.lesions:
        lesion = new.get(said.lesion_pk)
        kind = NewLesionKind(lesion.new_kind) if lesion and lesion.new_kind else None
        yield from trend_problems(said, kind, is_new=lesion is not None)
    yield from unsaid_sightings(row, content.new_disease, {said.lesion_pk: said.state for said in content.lesions})


def unsaid_sightings(
    row: Reading, new_disease: str | None, states: Mapping[int, SizeState | str]
) -> Iterator[ReadingProblem]:
    """New lesions that the reader finds here for the first time, where nothing is said to be new.

    `states`: how the lesions were found, by lesion. At a later visit a known one asks for no word again.
    """
    if new_disease not in NOTHING_NEW:
        return
    there = [pk for pk, state in states.items() if state not in NOT_THERE]
    for lesion in Lesion.objects.filter(pk__in=there, role=LesionRole.NEW).exclude(pk__in=_found_before(row)):
        sentence = (
            f"{lesion.tracking_id} is found for the first time at this visit, so there is a new lesion. Call it "
            "unequivocal or equivocal, or say that it is gone."
        )
        yield ReadingProblem("E_NEW", "new_disease", sentence)


def _found_before(row: Reading) -> set[int]:
    """The lesions that this reader signed as present at an earlier visit."""
    visits = Timepoint.objects.filter(patient=row.patient_id)
    dated = visits.annotate(first_on=Coalesce(Min("scans__acquired_on"), "judged_on"))
    days = dict(dated.values_list("pk", "first_on"))
    today = days.get(row.timepoint_id)
    earlier = [pk for pk, day in days.items() if day is not None and today is not None and day < today]
    said = LesionReading.objects.filter(reading__timepoint__in=earlier, reading__state__in=IN_FORCE)
    own = said.filter(reading__reader=row.reader_id, reading__reader_name=row.reader_name)
    return set(own.exclude(state__in=NOT_THERE).values_list("lesion_id", flat=True))
