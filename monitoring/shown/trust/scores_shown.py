"""A pseudoprogression score as its drawer shows it: the state first, the number behind it, parts with sources."""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.urls import reverse

from monitoring.shown.trust.model_cards import item_name
from patients.concluded.trust_findings import ItemContribution, ItemLeftOut, Score, Source
from patients.findings import CourseSummary, UnconfirmedProgression
from patients.models import Patient
from patients.reads.trusting.registry import model_of_digest
from patients.reads.trusting.scores import ScoreKept
from patients.timeline import PatientTimeline
from patients.words.trust_words import NotCounted, ScoreStatus, SourceKind
from patients.written_dates import day

CODES: dict[str, Mapping[float, str]] = {
    "first_assessment": {1: "yes, within 16 weeks", -1: "no, or later than 16 weeks"},
    "anti_ctla4": {1: "yes", 0: "no"},
    "tgr_ratio": {-1: "at least twice as fast", 0: "as before", 0.5: "slower than before"},
    "new_lesions": {0: "none", 1: "new lesion", 2: "three or more, or in a new organ"},
    "ctdna": {1: "favourable", 0: "neither", -1: "unfavourable"},
}
TIMES = {"volume_ratio": "the smallest", "ldh": "upper limit", "s100b": "upper limit"}


@dataclass(frozen=True, slots=True)
class SourceLink:
    """Where an item came from, and the address that shows it.

    `pictures`: of a visit, its pictures, for the drawer beside the chart.
    """

    text: str
    address: str = ""
    pictures: str = ""


@dataclass(frozen=True, slots=True)
class PartShown:
    """One item: its value in words, what it adds in log-odds, the grade of its evidence, both ratios, its sources."""

    name: str
    why_not: str = ""
    value: str = ""
    log_odds: float | None = None
    grade: str = ""
    basis: str = ""
    is_expert: bool = False
    ratios: str = ""
    age_days: int | None = None
    sources: tuple[SourceLink, ...] = ()


@dataclass(frozen=True, slots=True)
class ModelWords:
    """What the model's own text says around a score: display range, grades, and items that it never counts."""

    low: float
    high: float
    grades: tuple[tuple[str, str], ...]
    switched_off: tuple[tuple[str, str], ...]
    is_registered: bool


def model_words(digest: str) -> ModelWords:
    """Read from the registered model; where it is not here any more, the widest range and no grades."""
    row = model_of_digest(digest)
    if row is None:
        return ModelWords(0.0, 1.0, (), (), is_registered=False)
    data = json.loads(row.text)
    low, high = data["display_clip"]["range"]
    off = [(name, "decides as a gate" if one.get("role") == "gate" else "") for name, one in data["items"].items()
           if not one["counted"]]  # fmt: skip
    return ModelWords(low, high, tuple(data["grades"].items()), tuple(off), is_registered=True)


@dataclass(frozen=True, slots=True)
class ScoreShown:
    """One stored score in words. Percentages are clipped together for display; `total` is the unclipped log-odds.

    `parts` are sorted by weight; `cuts` is what the caps of domains took away. The sum stands only where there is
    a point: of an interval alone it would be the point that is withheld.
    """

    kept: ScoreKept
    score: Score
    number: int
    on: date | None
    headline: str
    point: str
    interval: str
    prior: str
    prior_log_odds: float | None
    parts: tuple[PartShown, ...]
    cuts: tuple[tuple[str, float], ...]
    total: float | None
    not_counted: tuple[PartShown, ...]
    missing: tuple[str, ...]
    words: ModelWords
    given: str

    @property
    def is_ok(self) -> bool:
        """Whether there is a number."""
        return self.score.status is ScoreStatus.OK


def shown_scores(
    patient: Patient,
    timeline: PatientTimeline,
    kept: Sequence[ScoreKept],
    summaries: Sequence[CourseSummary],
    *,
    is_evidence_only: bool,
) -> list[ScoreShown]:
    """Every score, the latest visit first, those in force before those that were superseded."""
    orders = {visit.pk: number for number, visit in enumerate(timeline.timepoints, start=1)}
    blocks = {(one.course_pk, block.opened_on): block
              for one in summaries if one.reader_pk is None for block in one.blocks}  # fmt: skip
    words = {digest: model_words(digest) for digest in {one.score.model_digest for one in kept}}
    days = {visit.pk: visit.last_on for visit in timeline.timepoints}
    found = []
    for one in kept:
        score = (is_evidence_only and one.evidence_only) or one.score
        block = blocks.get((one.course_pk, one.opened_on)) if one.opened_on else None
        visit = orders.get(one.timepoint_pk, 0), days.get(one.timepoint_pk)
        found.append(_shown(patient, one, score, visit, block, words[one.score.model_digest]))
    return sorted(found, key=lambda one: (one.kept.superseded_at is not None, -one.number, -one.kept.pk))


def _shown(
    patient: Patient,
    kept: ScoreKept,
    score: Score,
    visit: tuple[int, date | None],
    block: UnconfirmedProgression | None,
    words: ModelWords,
) -> ScoreShown:
    parts = [part_shown(patient, one) for one in score.by_weight]
    off = [part_shown(patient, one) for one in score.left_out]
    named = {one.item for one in score.left_out}
    off += [_never(item, why) for item, why in words.switched_off if item not in named] if score.prior else []
    has_total = score.probability is not None
    cuts = tuple((item_name(one.domain), one.cut_log_odds) for one in score.domains if one.cut_log_odds)
    begins = _logit(score.prior) if score.prior else None
    adds = sum(one.log_odds for one in score.domains)
    return ScoreShown(
        kept=kept,
        score=score,
        number=visit[0],
        on=visit[1],
        headline=headline(block),
        point=_percent(score.probability, words),
        interval=_interval(score, words),
        prior=f"{100 * score.prior:.0f} %" if score.prior is not None else "",
        prior_log_odds=begins,
        parts=tuple(parts),
        cuts=cuts,
        total=begins + adds if has_total and begins is not None else None,
        not_counted=tuple(off),
        missing=tuple(item_name(name) for name in score.missing),
        words=words,
        given=_given(kept),
    )


def headline(block: UnconfirmedProgression | None) -> str:
    """The iRECIST state of the progression today: it stands before any number."""
    if block is None:
        return "iUPD: this visit is called otherwise today."
    if block.outcome == "OPEN":
        window = f"between {day(block.confirm_from)} and {day(block.confirm_until)}"
        return f"iUPD: progression not yet confirmed; confirm {window} if clinically stable."
    closed = day(block.closed_on) if block.closed_on else ""
    if block.outcome == "CONFIRMED":
        return f"iCPD: the progression of {day(block.opened_on)} was confirmed on {closed}."
    return f"The progression of {day(block.opened_on)} was not confirmed: reset on {closed}."


def _given(kept: ScoreKept) -> str:
    if kept.is_after_outcome:
        return "after it was known what became of the progression: no prediction, on no scoreboard"
    return "before it was known what became of the progression"


def _percent(value: float | None, words: ModelWords) -> str:
    return "" if value is None else f"{100 * min(max(value, words.low), words.high):.0f} %"


def _interval(score: Score, words: ModelWords) -> str:
    if score.low is None or score.high is None:
        return ""
    low, high = (_percent(end, words).removesuffix(" %") for end in (score.low, score.high))
    return f"{low} to {high} %"


def _logit(probability: float) -> float:
    return math.log(probability / (1 - probability))


def part_shown(patient: Patient, one: ItemContribution | ItemLeftOut) -> PartShown:
    """One item in words, with links to where it came from."""
    is_blocked = isinstance(one, ItemLeftOut) and one.reason is NotCounted.COMPARISON_BLOCKED
    # Of scans that are not comparable no growth is told: neither its number nor the sizes that it comes from.
    sources = [source for source in one.sources if not is_blocked or source.kind is SourceKind.LESION]
    return PartShown(
        name=item_name(one.item),
        value="" if is_blocked else value_words(one.item, one.value),
        log_odds=one.log_odds if isinstance(one, ItemContribution) else None,
        grade=one.grade if isinstance(one, ItemContribution) else "",
        basis=one.basis if isinstance(one, ItemContribution) else "",
        is_expert=isinstance(one, ItemContribution) and one.is_expert,
        ratios=_ratios(one) if isinstance(one, ItemContribution) else "",
        why_not=one.reason.label if isinstance(one, ItemLeftOut) else "",
        age_days=one.age_days,
        sources=tuple(_links(patient, sources)),
    )


def _never(item: str, why: str) -> PartShown:
    return PartShown(item_name(item), why or NotCounted.SWITCHED_OFF.label)


def value_words(item: str, value: float) -> str:
    """A value of the model as a person says it.

    Examples
    --------
    >>> value_words("ldh", 1.5), value_words("ctdna", -1.0), value_words("nlr", 3.25)
    ('1.5 × upper limit', 'unfavourable', '3.25')
    """
    if item in CODES:
        return CODES[item].get(value, f"{value:g}")
    return f"{value:.3g} × {TIMES[item]}" if item in TIMES else f"{value:.3g}"


def _ratios(one: ItemContribution) -> str:
    if one.published_ratio is None or one.used_ratio is None:
        return ""
    value, low, high = one.published_ratio
    return f"likelihood ratio published {value:g} ({low:g} to {high:g}), used {one.used_ratio:g}"


def _links(patient: Patient, sources: Sequence[Source]) -> Iterator[SourceLink]:
    page = reverse("patient", args=[patient.code])
    for one in sources:
        if one.kind is SourceKind.LESION and one.key:
            yield SourceLink(one.text, reverse("lesion", args=[one.key]))
        elif one.kind is SourceKind.VISIT and one.key:
            place = [patient.code, one.key]
            yield SourceLink(one.text, reverse("visit_number", args=place), reverse("visit_drawer", args=place))
        elif one.kind is SourceKind.LAB:
            yield SourceLink(one.text, reverse("labs", args=[patient.code]))
        else:
            yield SourceLink(one.text, f"{page}#courses")


def context_of(found: Sequence[ScoreShown]) -> dict[str, Any]:
    """The scores as a template takes them: the one that matters now, the other visits', those superseded."""
    in_force = [one for one in found if one.kept.superseded_at is None]
    return {
        "score": in_force[0] if in_force else None,
        "other_scores": in_force[1:],
        "superseded": [one for one in found if one.kept.superseded_at is not None],
    }
