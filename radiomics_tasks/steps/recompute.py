"""A number that somebody doubts, computed again: from its files, or from the stored numbers it was made of."""

from patients.models import ChangeNoise, FeatureDelta, FeatureSnapshot, LesionPair, Recomputation
from patients.reads.trusting.recomputations import asker_and_team
from patients.words.act_words import Act
from patients.words.recompute_words import Recomputed
from patients.writes.trusting.recomputations import answer
from radiomics_tasks import runs
from radiomics_tasks.askers import check_asker
from radiomics_tasks.errors import ChildFailure, Refusal
from radiomics_tasks.recomputing.bits import Difference
from radiomics_tasks.recomputing.conclusions import concluded_again
from radiomics_tasks.recomputing.derived import harmonised_again, output_again, score_again
from radiomics_tasks.recomputing.snapshots import Again, again


def recompute_number(run_pk: int) -> None:
    """Answer one request. Safe to run twice: the answer is the same, and nothing else is written."""
    with runs.working(run_pk) as claim:
        if claim is None:
            return
        found = _refused(claim) or _found(claim)
        with runs.finishing(claim):
            answer(claim.subject_pk, found.outcome, found.sentence, [one.as_dict() for one in found.differing])


def _refused(claim: runs.Claim) -> Again | None:
    """The answer in words, where whoever asked may not see the number any more."""
    asked = asker_and_team(claim.subject_pk)
    if asked is None:
        return None
    try:
        check_asker(asked[0], Act.READ, asked[1])
    except Refusal as refusal:
        return Again(Recomputed.FAILED, refusal.sentence)
    return None


def _found(claim: runs.Claim) -> Again:
    """The answer; a request whose number was replaced in the meantime is gone, and so is whoever reads the answer."""
    asked = Recomputation.objects.filter(pk=claim.subject_pk).select_related(
        "score", "harmonised__model", "harmonised__snapshot__segmentation__scan", "output__model"
    )
    one = asked.select_related(None).filter(snapshot__isnull=False).first()
    if one is not None and one.snapshot_id is not None:
        rows = FeatureSnapshot.objects.select_related("segmentation__scan", "segmentation__lesion", "feature_set")
        return _computed(rows.get(pk=one.snapshot_id), claim)
    request = asked.first()
    if request is None:
        return Again(Recomputed.FAILED, "The number was replaced while it was waiting.")
    if request.score is not None:
        return score_again(request.score)
    if request.harmonised is not None:
        return harmonised_again(request.harmonised)
    return output_again(request.output) if request.output else Again(Recomputed.FAILED, "There is no such number.")


def _computed(snapshot: FeatureSnapshot, claim: runs.Claim) -> Again:
    try:
        found = again(snapshot, f"recompute-{claim.token.hex}", lambda: runs.renew(claim))
    except ChildFailure as failure:
        if not claim.is_last:
            raise
        return Again(Recomputed.FAILED, failure.sentence)
    if found.outcome is not Recomputed.SAME:
        return found
    differing = _changes(snapshot)
    if not differing:
        return Again(found.outcome, f"{found.sentence} The changes that it is in: the same, too.")
    more = f" {len(differing) - 1:,} more differ." if len(differing) > 1 else ""
    return Again(Recomputed.DIGITS_DIFFER, f"{differing[0].sentence}.{more}", differing)


def _changes(snapshot: FeatureSnapshot) -> tuple[Difference, ...]:
    """What the stored changes of this outline, their noise and their pairs of scans say otherwise than concluded."""
    concluded = concluded_again(snapshot.segmentation.scan.patient_id)
    found: list[Difference] = []
    for stored in concluded.stored.values():
        if _is_of(stored, snapshot):
            now = concluded.twin_of(stored)
            found += concluded.between(stored, now) if now else [concluded.lost(stored)]
    return tuple(found)


def _is_of(row: object, snapshot: FeatureSnapshot) -> bool:
    outline = snapshot.segmentation
    if isinstance(row, FeatureDelta):
        return snapshot.pk in (row.snapshot_id, row.reference_snapshot_id)
    if isinstance(row, ChangeNoise):
        return (row.lesion_id, row.timepoint_id) == (outline.lesion_id, outline.scan.timepoint_id)
    if isinstance(row, LesionPair):
        return row.lesion_id == outline.lesion_id and outline.scan_id in (row.now_scan_id, row.then_scan_id)
    return False
