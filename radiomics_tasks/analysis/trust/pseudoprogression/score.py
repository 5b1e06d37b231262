"""The pseudoprogression score: its gates in their order, an estimate where all are passed, else the abstention."""

from dataclasses import replace

from patients.concluded.trust_findings import Score
from patients.findings import UnconfirmedProgression
from patients.vocabulary import ResponseCategory
from patients.words.reading_words import ClinicalStatus
from patients.words.trust_words import Comparability, NotCounted, ScoreReason, ScoreStatus
from radiomics_tasks.analysis.trust.pseudoprogression.evidence import Evidence
from radiomics_tasks.analysis.trust.pseudoprogression.model import PspModel, default_model
from radiomics_tasks.analysis.trust.pseudoprogression.weighing import Estimate, Weighed, estimate, weighed_items

TARGETS = "T"
RESPONSES = (ResponseCategory.IPR, ResponseCategory.ICR)
LABORATORY = ("blood", "ctdna")
_SCANS = "The scans on which the growth of the targets was measured"
SCANS_DIFFER = {
    Comparability.INFO: f"{_SCANS}: something is to be known of them, which takes nothing away.",
    Comparability.WARN: f"{_SCANS} differ: compare with care.",
    Comparability.BLOCK_TEXTURE: f"{_SCANS} differ so much that no texture counts; their growth does.",
    Comparability.BLOCK: f"{_SCANS} are not comparable: neither their growth nor their texture counts.",
}
Verdict = tuple[ScoreStatus, tuple[ScoreReason, ...]]
PASSED: Verdict = (ScoreStatus.OK, ())


def pseudoprogression_score(asked: Evidence, model: PspModel | None = None) -> Score:
    """How likely an open iUPD under a checkpoint inhibitor will not be confirmed, or why nothing is said.

    Raises
    ------
    Refusal
        E_SCORE_INPUT: an item that the model does not know, or a value that it does not allow.

    Examples
    --------
    >>> from radiomics_tasks.analysis.trust.pseudoprogression.evidence import ItemEvidence
    >>> asked = Evidence(ResponseCategory.IUPD, True, drivers=("T",), clinical=ClinicalStatus.STABLE,
    ...     items={"volume_ratio": ItemEvidence(2.2), "ldh": ItemEvidence(1.0, age_days=3)})
    >>> score = pseudoprogression_score(asked)
    >>> round(score.probability, 3), round(score.low, 2), round(score.high, 2), score.band.value
    (0.15, 0.08, 0.26, 'not distinguishable from the base rate')
    """
    chosen = model or default_model()
    bare = _bare(asked, chosen)
    status, reasons = _applicable(asked)
    if reasons:
        return replace(bare, status=status, reasons=reasons)
    weighed = weighed_items(asked, chosen)
    found = estimate(weighed, asked.tumour, chosen)
    told = replace(
        bare,
        prior=found.prior,
        contributions=weighed.contributions,
        domains=weighed.domains,
        left_out=weighed.left_out,
        missing=weighed.missing,
    )
    if missing := _missing_evidence(asked, weighed):
        return replace(told, status=ScoreStatus.INSUFFICIENT_EVIDENCE, reasons=missing)
    told = replace(told, low=found.low, high=found.high)
    if doubts := _doubts(weighed, found, chosen):
        return replace(told, status=ScoreStatus.INDETERMINATE, reasons=doubts)
    return replace(told, probability=found.probability, band=found.band)


def displayed(score: Score, model: PspModel | None = None) -> tuple[float | None, float | None, float | None]:
    """Point and limits as a page shows them, clipped together; stored values stay as they are.

    Examples
    --------
    >>> sentences = default_model().required_sentences
    >>> displayed(Score(ScoreStatus.OK, (), "", "", "", sentences, 0.1, 0.014, 0.002, 0.089))
    (0.02, 0.02, 0.089)
    """
    low, high = (model or default_model()).display_range
    point, lower, upper = (
        None if value is None else min(max(value, low), high) for value in (score.probability, score.low, score.high)
    )
    return point, lower, upper


def headline(episode: UnconfirmedProgression) -> str:
    """The sentence that stands before any number: the iRECIST state and when to confirm.

    Examples
    --------
    >>> from datetime import date
    >>> headline(UnconfirmedProgression(date(2024, 1, 1), ("T",), "OPEN", date(2024, 1, 29), date(2024, 2, 26)))
    'iUPD: progression not yet confirmed; confirm between 2024-01-29 and 2024-02-26 if clinically stable.'
    """
    window = f"between {episode.confirm_from.isoformat()} and {episode.confirm_until.isoformat()}"
    return f"iUPD: progression not yet confirmed; confirm {window} if clinically stable."


def _applicable(asked: Evidence) -> Verdict:
    """The first three gates: an open iUPD under a checkpoint inhibitor, no response before, clinically not worse."""
    if asked.state is not ResponseCategory.IUPD:
        return ScoreStatus.NOT_APPLICABLE, (ScoreReason.NO_OPEN_IUPD,)
    if not asked.is_on_checkpoint_inhibitor:
        return ScoreStatus.NOT_APPLICABLE, (ScoreReason.NOT_ON_ICI,)
    if asked.earlier_response in RESPONSES:
        return ScoreStatus.NOT_APPLICABLE, (ScoreReason.ACQUIRED_RESISTANCE,)
    if asked.clinical is ClinicalStatus.WORSE:
        return ScoreStatus.UNFAVOURABLE_CLINICAL, (ScoreReason.CLINICAL_DETERIORATION,)
    return PASSED


def _missing_evidence(asked: Evidence, weighed: Weighed) -> tuple[ScoreReason, ...]:
    """The fourth gate, everything that is missing: clinical status, a fresh laboratory item, drivers, growth."""
    missing = []
    if asked.clinical is ClinicalStatus.UNKNOWN:
        missing.append(ScoreReason.CLINICAL_STATUS)
    if not weighed.has(*LABORATORY):
        missing.append(ScoreReason.BLOOD_OR_CTDNA)
    if not asked.drivers:
        missing.append(ScoreReason.DRIVERS)
    if TARGETS in asked.drivers and not any(one.item == "volume_ratio" for one in weighed.contributions):
        is_blocked = weighed.left_out_for("volume_ratio") is NotCounted.COMPARISON_BLOCKED
        missing.append(ScoreReason.KINETICS_NOT_COMPARABLE if is_blocked else ScoreReason.KINETICS)
    return tuple(missing)


def _doubts(weighed: Weighed, found: Estimate, model: PspModel) -> tuple[ScoreReason, ...]:
    """The last gates: ctDNA is not outvoted, and the interval is narrow enough or wholly below the prior."""
    doubts = []
    is_against = any(one.item == "ctdna" and one.x < 0 for one in weighed.contributions)
    if is_against and found.probability > found.prior:
        doubts.append(ScoreReason.CONFLICTING_CTDNA)
    if found.error > model.largest_se and not found.high < found.prior:
        doubts.append(ScoreReason.WIDE_INTERVAL)
    return tuple(doubts)


def _bare(asked: Evidence, model: PspModel) -> Score:
    """What every answer carries: the model, its required sentences, the warnings."""
    of_scans = SCANS_DIFFER.get(asked.comparability)
    return Score(
        status=ScoreStatus.OK,
        reasons=(),
        model_id=model.model_id,
        model_version=model.version,
        model_digest=model.digest,
        required_sentences=model.required_sentences,
        warnings=(*((of_scans,) if of_scans else ()), *asked.warnings),
    )
