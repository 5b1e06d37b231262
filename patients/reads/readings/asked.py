"""What a visit asks of its reader: the first has nothing to compare with, a baseline chooses targets."""

from dataclasses import dataclass
from datetime import date

from django.contrib.auth.models import User
from django.db.models import Min

from patients.models import Lesion, Reading, ResponseAssessment, TreatmentCourse
from patients.models.readings import IN_FORCE
from patients.reads.readings.visits import ReadingSeen, blinded_visits, visit_days
from patients.reads.readings.windows import open_progression
from patients.vocabulary import Criterion, LesionRole, ResponseCategory
from patients.words.reading_words import NewDisease, NonTarget

JUDGED = ("timepoint_id", "non_target", "new_disease")
COMPLETE = (ResponseCategory.CR, ResponseCategory.ICR)


@dataclass(frozen=True, slots=True)
class Asks:
    """What the form of one visit asks for.

    `later`: the new lesions (keys) that are first outlined on a later visit. `progression_on`: since when a
    progression waits to be confirmed.
    `none_since`: the date of the reader's own signed baseline without any non-target disease, which then is not
    judged again. `before_on`: the date of what the reader signed last before it.
    """

    number: int = 1
    is_first: bool = False
    is_baseline: bool = False
    none_since: date | None = None
    has_equivocal: bool = False
    is_after_cr: bool = False
    progression_on: date | None = None
    later: frozenset[int] = frozenset()
    before_on: date | None = None


def asked_of(seen: ReadingSeen, user: User) -> Asks:
    """What one visit asks of one reader, in a fixed number of queries."""
    patient_pk, visit = seen.timepoint.patient_id, seen.timepoint.pk
    days = visit_days(patient_pk)
    here = seen.dates[0] if seen.dates else date.max
    earlier = [pk for pk, dates in days.items() if dates[0] < here]
    before = Reading.objects.filter(timepoint__in=earlier, reader=user, state__in=IN_FORCE)
    known = {visit: (non_target, new) for visit, non_target, new in before.values_list(*JUDGED)}
    baselines = _baselines(patient_pk, days) | ({min(earlier, key=lambda pk: days[pk])} if earlier else set())
    is_baseline = not earlier or visit in baselines
    return Asks(
        number=len(earlier) + 1,
        is_first=not earlier,
        is_baseline=is_baseline,
        none_since=None if is_baseline else _none_since(seen, days, baselines & set(earlier), known),
        has_equivocal=any(new == NewDisease.EQUIVOCAL for _, new in known.values()),
        is_after_cr=_was_complete(seen, days, earlier, user),
        progression_on=open_progression(patient_pk, user.pk, here),
        later=_later(seen),
        before_on=days[seen.before.timepoint_id][0] if seen.before else None,
    )


def baseline_sentences(timepoint_pk: int) -> tuple[str, ...]:
    """What was said of the targets of a baseline: which have no size, which rules of choosing them are touched."""
    targets_only = ResponseAssessment.objects.filter(timepoint=timepoint_pk, criterion=Criterion.RECIST_1_1_TARGET)
    baseline = targets_only.filter(category=ResponseCategory.BASELINE)
    return tuple(dict.fromkeys(sentence for row in baseline for sentence in row.reasons))


def _baselines(patient_pk: int, days: dict[int, list[date]]) -> set[int]:
    """The last visit on or before the start of each line of therapy."""
    found = set()
    for started_on in TreatmentCourse.objects.filter(patient=patient_pk).values_list("started_on", flat=True):
        before = [(dates[0], pk) for pk, dates in days.items() if dates[0] <= started_on]
        found |= {max(before)[1]} if before else set()
    return found


def _none_since(
    seen: ReadingSeen, days: dict[int, list[date]], baselines: set[int], known: dict[int, tuple[str, str]]
) -> date | None:
    """When the reader signed that there is no non-target disease; None where that must be judged all the same."""
    last = max(baselines, key=lambda pk: days[pk], default=None)
    is_none = last in known and known[last][0] == NonTarget.NA
    has_lesion = any(row.lesion.role == LesionRole.NON_TARGET for row in seen.lesions)
    is_judged = seen.shown is not None and seen.shown.non_target not in ("", NonTarget.NA)
    return days[last][0] if last is not None and is_none and not has_lesion and not is_judged else None


def _was_complete(seen: ReadingSeen, days: dict[int, list[date]], earlier: list[int], user: User) -> bool:
    """Whether an earlier visit was called a complete response, as far as this reader may know."""
    hidden = blinded_visits(seen.timepoint.patient_id, user)
    until = min((days[visit][0] for visit in hidden if visit in days), default=date.max)
    known = [visit for visit in earlier if days[visit][0] < until]
    judged = (Criterion.RECIST_1_1, Criterion.IRECIST)
    rows = ResponseAssessment.objects.filter(timepoint__in=earlier, criterion__in=judged, category__in=COMPLETE)
    return rows.filter(reader=None, timepoint__in=known).exists() or rows.filter(reader=user).exists()


def _later(seen: ReadingSeen) -> frozenset[int]:
    if not seen.dates:
        return frozenset()
    rows = Lesion.objects.filter(patient=seen.timepoint.patient_id, role=LesionRole.NEW)
    firsts = rows.annotate(first_on=Min("segmentations__scan__acquired_on")).values_list("pk", "first_on")
    said = {row.lesion.pk for row in seen.lesions if row.said is not None}
    return frozenset(pk for pk, first_on in firsts if first_on and first_on > seen.dates[-1] and pk not in said)
