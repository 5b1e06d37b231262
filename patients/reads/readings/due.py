"""What waits for readers: visits nobody has signed, and readings of one visit that disagree."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import date
from itertools import chain

from django.db.models import Count, Max, Q, QuerySet

from patients.models import Adjudication, Patient, Reading, ResponseAssessment, Timepoint
from patients.models.readings import IN_FORCE
from patients.reads.readings.judgements import is_withheld
from patients.reads.readings.skipped import Visits, earlier_of_line, skipped_sentences, visits_in_order
from patients.vocabulary import Criterion, LesionRole
from patients.words.reading_words import NewDisease, ReadingState

JUDGED_CRITERIA = (Criterion.RECIST_1_1, Criterion.IRECIST)
CATEGORY, TARGETS, NEW_DISEASE = "category", "target lesions", "new lesion"

# By criterion and line of therapy, with the day that line began: what each reader's own judgements led to.
Called = dict[tuple[str, int | None, date | None], dict[int, str]]
Signed = Mapping[int | None, Set[int]]


@dataclass(frozen=True, slots=True)
class UnreadVisit:
    """A visit with scans of which no signed reading is in force."""

    patient: Patient
    timepoint_pk: int
    last_on: date


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Signed readings of one visit that differ and nobody has decided between; `about` in words.

    `visit_on` is the first date of the visit. `readings` stand in the order of their signing. `skipped` says which
    earlier visits one of them has not signed where categories differ and are not compared for that; where nothing
    else differs `about` is empty.
    """

    patient: Patient
    timepoint_pk: int
    visit_on: date | None
    readings: tuple[Reading, ...]
    about: tuple[str, ...]
    skipped: tuple[str, ...] = ()

    def is_between(self, user_pk: int) -> bool:
        """Whether one of the readings is this login's, who may then not decide."""
        return any(row.reader_id == user_pk for row in self.readings)


def reopened_drafts(teams: Collection[int]) -> list[Reading]:
    """The drafts of these teams that wait because an outline changed after signing, oldest first; one query.

    Each has `last_on`, the date of its visit.
    """
    rows = Reading.objects.filter(patient__team__in=teams, state=ReadingState.DRAFT).exclude(reopened_why="")
    dated = rows.annotate(last_on=Max("timepoint__scans__acquired_on"))
    return list(dated.select_related("patient", "reader", "supersedes").order_by("created_at", "pk"))


def unread_visits(teams: Collection[int]) -> list[UnreadVisit]:
    """The visits of these teams' patients that nobody has signed yet, oldest first; one query."""
    signed = Reading.objects.filter(state__in=IN_FORCE).values("timepoint")
    rows = (
        Timepoint.objects.filter(patient__team__in=teams, scans__is_withheld=False)
        .exclude(pk__in=signed)
        .annotate(last_on=Max("scans__acquired_on"))
        .select_related("patient")
        .order_by("last_on", "pk")
    )
    return [UnreadVisit(row.patient, row.pk, row.last_on) for row in rows]


def adjudications_due(teams: Collection[int]) -> list[Disagreement]:
    """The disagreements that wait for a decision in these teams, in at most six queries."""
    return [found for found in compared_readings(teams) if found.about]


def compared_readings(teams: Collection[int]) -> list[Disagreement]:
    """The same, and the visits whose readers cannot be compared by category before one of them reads another visit."""
    return _disagreements(Reading.objects.filter(patient__team__in=teams))


def disagreements_of(patient_pk: int) -> dict[int, Disagreement]:
    """The disagreements of one patient that wait for a decision, by visit, in at most six queries."""
    every = _disagreements(Reading.objects.filter(patient=patient_pk))
    return {found.timepoint_pk: found for found in every if found.about}


def _disagreements(rows: QuerySet[Reading]) -> list[Disagreement]:
    # Of most patients every visit has one reading: nothing of them is fetched.
    every = rows.filter(~is_withheld(), state__in=IN_FORCE)
    shared = every.order_by().values("timepoint").annotate(count=Count("pk")).filter(count__gt=1).values("timepoint")
    patients = Timepoint.objects.filter(pk__in=shared).values("patient")
    in_force = every.filter(patient__in=patients).select_related("patient", "reader")
    by_visit: dict[int, list[Reading]] = defaultdict(list)
    for row in in_force.prefetch_related("lesions__lesion").order_by("signed_at", "pk"):
        by_visit[row.timepoint_id].append(row)
    several = {visit: here for visit, here in by_visit.items() if len(here) > 1}
    decided = dict(
        Adjudication.objects.filter(timepoint__in=several)
        .order_by("timepoint")
        .values_list("timepoint")
        .annotate(at=Max("created_at"))
    )
    called = _called(several)
    ordered = visits_in_order({here[0].patient_id for here in several.values()}) if several else {}
    signed = _signed(chain.from_iterable(by_visit.values()))
    found = []
    for visit, here in several.items():
        # Whoever signs again after a decision may have changed what was decided on.
        last = max(row.signed_at for row in here if row.signed_at)
        if visit in decided and decided[visit] >= last:
            continue
        calls, visits = called.get(visit, {}), ordered.get(here[0].patient_id, ())
        about = tuple(_differences(here, _comparable(here[0], calls, signed, ordered)))
        skipped = () if CATEGORY in about else tuple(_skipped(here, calls, signed, visits))
        if about or skipped:
            on = next((first_on for first_on, pk in visits if pk == visit), None)
            found.append(Disagreement(here[0].patient, visit, on, tuple(here), about, skipped))
    return found


def _signed(rows: Iterable[Reading]) -> Signed:
    """The visits that each login signed."""
    signed: dict[int | None, set[int]] = defaultdict(set)
    for row in rows:
        if row.reader_id is not None:
            signed[row.reader_id].add(row.timepoint_id)
    return signed


def _skipped(rows: Sequence[Reading], called: Called, signed: Signed, visits: Visits) -> list[str]:
    """Which earlier visits keep readers from being compared whose categories differ."""
    lines = {started_on for (_, _, started_on), calls in called.items() if len(set(calls.values())) > 1}
    sentences: dict[str, None] = {}
    for started_on in sorted(lines, key=lambda on: on or date.min):
        earlier = earlier_of_line(visits, rows[0].timepoint_id, started_on)
        sentences |= dict.fromkeys(skipped_sentences(rows, signed, visits, earlier))
    return list(sentences)


def _called(visits: Collection[int]) -> dict[int, Called]:
    """By visit, criterion and line of therapy: the category each reader's own judgements led to."""
    found: dict[int, Called] = defaultdict(lambda: defaultdict(dict))
    own = Q(timepoint__in=list(visits), reader__isnull=False, criterion__in=JUDGED_CRITERIA)
    rows = ResponseAssessment.objects.filter(own).order_by("criterion", "pk")
    for visit, criterion, course, started_on, reader, category in rows.values_list(
        "timepoint_id", "criterion", "course_id", "course__started_on", "reader_id", "category"
    ):
        if reader is not None:
            found[visit][criterion, course, started_on][reader] = category
    return found


def _comparable(
    row: Reading,
    called: Called,
    signed: Signed,
    ordered: Mapping[int, Sequence[tuple[date, int]]],
) -> list[dict[int, str]]:
    """What readers of one visit were called who had signed the same earlier visits of the line of therapy.

    Who skipped one has no call of it, and so maybe another one here, without differing in anything that was read.
    """
    found: list[dict[int, str]] = []
    for (_, _, started_on), calls in called.items():
        earlier = earlier_of_line(ordered.get(row.patient_id, ()), row.timepoint_id, started_on)
        alike: dict[frozenset[int], dict[int, str]] = defaultdict(dict)
        for reader, category in calls.items():
            alike[earlier & signed.get(reader, frozenset())][reader] = category
        found.extend(alike.values())
    return found


def _differences(rows: Sequence[Reading], called: Collection[Mapping[int, str]]) -> Iterator[str]:
    readers = {row.reader_id for row in rows}
    by_call = [{category for reader, category in calls.items() if reader in readers} for calls in called]
    if any(len(categories) > 1 for categories in by_call):
        yield CATEGORY
    if len({_targets(row) for row in rows}) > 1:
        yield TARGETS
    # A finding that is followed and none at all lead to the same call; the readers disagree all the same.
    if len({NewDisease(row.new_disease) for row in rows}) > 1:
        yield NEW_DISEASE


def _targets(row: Reading) -> frozenset[int]:
    """The lesions that this reader follows as targets."""
    return frozenset(one.lesion_id for one in row.lesions.all() if (one.role or one.lesion.role) == LesionRole.TARGET)
