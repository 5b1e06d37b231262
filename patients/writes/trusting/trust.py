"""Replace what was concluded about trust; only rows whose inputs changed are touched. Pairs are accepted by people."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from typing import Any

from django.contrib.auth.models import User
from django.db import models, transaction
from django.utils import timezone

from patients.concluded.change_findings import DeltaNoise
from patients.concluded.trusted import (
    AggregateColumns,
    Departure,
    Discordance,
    LesionComparison,
    LesionTrajectories,
    VisitSummary,
)
from patients.findings import PatientFindings
from patients.models import (
    ChangeNoise,
    LesionDiscordance,
    LesionPair,
    LesionTrajectory,
    PairAcceptance,
    PatientDelta,
    VisitConclusion,
)
from patients.words.audit_words import Deed
from patients.words.trust_words import Comparability
from patients.writes.kept_rows import replace_long_rows, replace_rows
from patients.writes.locking import patient_locked
from patients.writes.plain import digest_of, plain
from patients.writes.trail.record import record

NOISE_ARRAYS = ("change", "z", "p", "q", "mdc", "upper_mdc", "limit", "is_log", "is_without_volume")
NOISE_WORDS = ("verdicts", "sources", "missing")
AGGREGATES = ("volume_weighted_mean", "mean", "largest", "largest_absolute", "deviation", "spread")


TRUST_MODELS: tuple[type[models.Model], ...] = (
    LesionPair, ChangeNoise, VisitConclusion, PatientDelta, LesionDiscordance, LesionTrajectory
)  # fmt: skip


def replace_trust(findings: PatientFindings) -> None:
    """Make the rows say what the findings say; the caller holds the patient's lock."""
    for model, rows in trust_rows(findings).items():
        replace = replace_long_rows if model in (ChangeNoise, PatientDelta) else replace_rows
        replace(model, findings.patient_pk, rows)


def trust_rows(findings: PatientFindings) -> dict[type[models.Model], Iterable[models.Model]]:
    """Every row of trust that the findings come to, unsaved and made one by one, by its kind.

    Rows of long arrays (ChangeNoise, PatientDelta) come without their digest.
    """
    patient = findings.patient_pk
    return {
        LesionPair: _pairs(patient, findings.comparisons),
        ChangeNoise: _noises(patient, findings.noises),
        VisitConclusion: (_visit(patient, one) for one in findings.visits),
        PatientDelta: (_aggregate(patient, one) for one in findings.aggregates),
        LesionDiscordance: _discordances(findings),
        LesionTrajectory: (_trajectory(patient, one) for one in findings.trajectories),
    }


def _pairs(patient_pk: int, comparisons: Sequence[LesionComparison]) -> Iterator[LesionPair]:
    """Lesions on the same two scans share what was found of these: it is spelled out once."""
    told: dict[int, Any] = {}
    for one in comparisons:
        if id(one.found) not in told:
            told[id(one.found)] = plain(asdict(one.found))
        yield _pair(patient_pk, one, told[id(one.found)])


def _pair(patient_pk: int, one: LesionComparison, found: Any) -> LesionPair:
    return LesionPair(
        patient_id=patient_pk,
        lesion_id=one.lesion_pk,
        timepoint_id=one.timepoint_pk,
        then_timepoint_id=one.then_timepoint_pk,
        then_scan_id=one.then_scan_pk,
        now_scan_id=one.now_scan_pk,
        reference=one.reference.value,
        interval_days=one.interval_days,
        level=one.found.level,
        found=found,
        acceptance_id=one.accepted.pk if one.accepted else None,
        volume_ml=list(one.volume_ml),
        longest_diameter_mm=list(one.longest_diameter_mm),
        growth=plain(asdict(one.growth)) if one.growth else None,
        inputs_digest=digest_of(one),
    )


def _noises(patient_pk: int, noises: Iterable[DeltaNoise]) -> Iterator[ChangeNoise]:
    """Two kinds of scan at one visit give two comparisons of sizes: `order` tells them apart."""
    seen: dict[tuple[object, ...], int] = {}
    for one in noises:
        key = (one.lesion_pk, one.timepoint_pk, one.reference, one.feature_set_pk)
        seen[key] = seen.get(key, -1) + 1
        yield _noise(patient_pk, one, seen[key])


def _noise(patient_pk: int, one: DeltaNoise, order: int) -> ChangeNoise:
    arrays = {name: list(getattr(one, name)) for name in (*NOISE_ARRAYS, *NOISE_WORDS)}
    return ChangeNoise(
        patient_id=patient_pk,
        lesion_id=one.lesion_pk,
        timepoint_id=one.timepoint_pk,
        reference=one.reference.value,
        feature_set_id=one.feature_set_pk,
        order=order,
        **arrays,
    )


def _visit(patient_pk: int, one: VisitSummary) -> VisitConclusion:
    return VisitConclusion(
        patient_id=patient_pk,
        timepoint_id=one.timepoint_pk,
        summary=plain(asdict(one)),
        inputs_digest=digest_of(one),
    )


def _aggregate(patient_pk: int, one: AggregateColumns) -> PatientDelta:
    return PatientDelta(
        patient_id=patient_pk,
        timepoint_id=one.timepoint_pk,
        reference=one.reference.value,
        feature_set_id=one.feature_set_pk,
        is_log=list(one.is_log),
        lesions=list(one.lesions),
        without_change=list(one.without_change),
        new=one.new,
        is_weighted=one.is_weighted,
        largest_lesion_id=one.largest_lesion_pk,
        **{name: list(getattr(one, name)) for name in AGGREGATES},
    )


def _discordances(findings: PatientFindings) -> Iterable[LesionDiscordance]:
    for departure in findings.departures:
        dates = [one for one in findings.discordances if one.lesion_pk == departure.lesion_pk]
        yield _discordance(findings.patient_pk, departure, dates)


def _discordance(patient_pk: int, departure: Departure, dates: Sequence[Discordance]) -> LesionDiscordance:
    return LesionDiscordance(
        patient_id=patient_pk,
        lesion_id=departure.lesion_pk,
        dates=[plain(asdict(one)) for one in dates],
        departure=plain(asdict(departure)),
        last_on=max((one.seen_on for one in dates), default=None),
        inputs_digest=digest_of((departure, tuple(dates))),
    )


def _trajectory(patient_pk: int, one: LesionTrajectories) -> LesionTrajectory:
    return LesionTrajectory(
        patient_id=patient_pk,
        lesion_id=one.lesion_pk,
        feature_set_id=one.feature_set_pk,
        panel=[plain(asdict(of_feature)) for of_feature in one.panel],
        inputs_digest=digest_of(one),
    )


def accept_pair(pair: LesionPair, user: User, reason: str) -> PairAcceptance:
    """Let texture of a blocked pair of scans be compared, on a named person's word. Arm REASSESS with it.

    Raises
    ------
    ValueError
        The pair is not blocked in texture, or no reason is given. Who comes second (two tabs) gets the word that is
        already in force.
    """
    if pair.level != Comparability.BLOCK_TEXTURE:
        raise ValueError("Only a pair whose texture is not comparable can be accepted.")
    if not reason.strip():
        raise ValueError("Say why texture may be compared all the same.")
    codes = sorted({hit["code"] for hit in pair.found["hits"] if hit["level"] == Comparability.BLOCK_TEXTURE})
    pair_of = {
        "then_scan_id": pair.then_scan_id,
        "now_scan_id": pair.now_scan_id,
        "rules_digest": pair.found["rules_digest"],
    }
    with patient_locked(pair.patient_id):
        word = PairAcceptance.objects.filter(**pair_of, withdrawn_at=None).first()
        if word is not None and set(codes) <= set(word.codes):
            return word
        if word is not None:
            withdraw_acceptance(word, user)
        word = PairAcceptance.objects.create(
            **pair_of, patient_id=pair.patient_id, codes=codes, reason=reason.strip(), accepted_by=user
        )
        record(Deed.PAIR_ACCEPTED, patient=pair.patient_id, subject=word, user=user)
        return word


def withdraw_acceptance(word: PairAcceptance, user: User) -> None:
    """Take the word back; it is kept with who and when. Arm REASSESS with it."""
    with transaction.atomic():
        standing = PairAcceptance.objects.filter(pk=word.pk, withdrawn_at=None)
        if standing.update(withdrawn_at=timezone.now(), withdrawn_by=user.pk):
            record(Deed.ACCEPTANCE_WITHDRAWN, patient=word.patient_id, subject=word, user=user)
