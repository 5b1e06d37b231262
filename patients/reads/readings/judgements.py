"""Signed readings as the judgements that responses are called from, and which of them counts."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.db.models import Exists, OuterRef, Q

from patients.counting import counting_reading
from patients.judged import Judgement, LesionJudged
from patients.models import Adjudication, LesionReading, Reading, Withholding
from patients.vocabulary import LesionRole, Organ
from patients.words.reading_words import (
    ClinicalStatus,
    NewDisease,
    NonTarget,
    ReadingState,
    Reappearance,
    SizeState,
    Trend,
)


def is_withheld() -> Exists:
    """The condition on readings that were signed on what has been hidden since."""
    since = Q(at__gt=OuterRef("signed_at"), lifted_at__isnull=True)
    whole = Q(patient=OuterRef("patient"), scan=None, segmentation=None)
    part = Q(scan__timepoint=OuterRef("timepoint")) | Q(segmentation__scan__timepoint=OuterRef("timepoint"))
    return Exists(Withholding.objects.filter(since, whole | part))


def judgements_of(patient_pk: int) -> tuple[Judgement, ...]:
    """The signed readings in force of one patient, first signed first, in at most three queries."""
    decisions = Adjudication.objects.filter(timepoint__patient=patient_pk).select_related("reading")
    chosen = {row.timepoint_id: row for row in decisions.order_by("pk")}
    signed = Reading.objects.filter(~is_withheld(), patient=patient_pk, signed_at__isnull=False)
    versions = list(signed.select_related("reader").order_by("signed_at", "pk"))
    rows = [row for row in versions if row.is_in_force]
    said: dict[int, list[LesionReading]] = defaultdict(list)
    for lesion in LesionReading.objects.filter(reading__in=[row.pk for row in rows]) if rows else ():
        said[lesion.reading_id].append(lesion)
    by_visit: dict[int, list[Reading]] = defaultdict(list)
    for row in versions:
        by_visit[row.timepoint_id].append(row)
    counting = {counting_reading(here, chosen.get(visit)) for visit, here in by_visit.items()}
    return tuple(_judgement(row, said[row.pk], counts=row in counting) for row in rows)


def _judgement(row: Reading, lesions: Sequence[LesionReading], *, counts: bool) -> Judgement:
    is_stale = row.state == ReadingState.REOPENED
    return Judgement(
        reading_pk=row.pk,
        timepoint_pk=row.timepoint_id,
        reader_pk=row.reader_id,
        reader_name=row.who,
        counts=counts,
        non_target=NonTarget(row.non_target),
        new=NewDisease(row.new_disease),
        lesions=tuple(_lesion(said, is_stale=is_stale) for said in lesions),
        non_target_trend=Trend(row.non_target_trend) if row.non_target_trend else None,
        non_target_on=row.non_target_on,
        new_on=row.new_on,
        new_why=row.new_disease_why,
        confirms_equivocal=row.confirms_equivocal,
        equivocal_resolved=row.equivocal_resolved,
        regions_not_scanned=_organs(row.regions_not_scanned),
        reappearance=Reappearance(row.reappearance) if row.reappearance else None,
        reappearance_why=row.reappearance_why,
        is_merged_cr_confirmed=row.is_merged_cr_confirmed,
        is_for_symptom=row.is_for_symptom,
        is_stale=is_stale,
        clinical_status=ClinicalStatus(row.clinical_status or ClinicalStatus.UNKNOWN),
    )


def _organs(names: Iterable[str]) -> tuple[Organ, ...]:
    return tuple(Organ(name) for name in names)


def _lesion(row: LesionReading, *, is_stale: bool) -> LesionJudged:
    """What was signed of one lesion; a re-opened reading keeps the size it was signed on until it is signed again."""
    as_signed_mm = row.outline_mm if is_stale else None
    return LesionJudged(
        lesion_pk=row.lesion_id,
        state=SizeState(row.state),
        diameter_mm=row.diameter_mm if row.diameter_mm is not None else as_signed_mm,
        diameter_why=row.diameter_why,
        parts_mm=tuple(row.parts_mm),
        merged_into_pk=row.merged_into_id,
        trend=Trend(row.trend) if row.trend else None,
        observed_on=row.observed_on,
        why=row.why,
        role=LesionRole(row.role) if row.role else None,
    )
