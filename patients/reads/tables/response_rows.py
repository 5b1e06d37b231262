"""Responses with their explanation as rows of a table: what was called, by which rule, and what would change it."""

from collections.abc import Collection, Iterator, Mapping
from types import MappingProxyType

from patients.concluded.trust_findings import Score
from patients.findings import CourseSummary, Flip, Response
from patients.timeline import PatientTimeline
from patients.vocabulary import Criterion

COLUMNS = (
    "synthetic",
    "patient",
    "line_of_therapy",
    "course_start",
    "visit",
    "visit_first_scan",
    "visit_last_scan",
    "reader",
    "criterion",
    "category",
    "revised_to",
    "alternative",
    "assessed_on",
    "sum_mm",
    "partial_sum_mm",
    "baseline_sum_mm",
    "nadir_sum_mm",
    "sizes_mm",
    "non_target",
    "new_lesions",
    "confirm_from",
    "confirm_until",
    "rule",
    "source",
    "reasons",
    "flags",
    "flips",
    "protocol",
    "pseudoprogression",
    "pseudoprogression_reasons",
    "pseudoprogression_probability",
    "pseudoprogression_low",
    "pseudoprogression_high",
    "pseudoprogression_prior",
    "pseudoprogression_band",
    "pseudoprogression_model",
    "pseudoprogression_says",
)
Scores = Mapping[tuple[int, int | None], Score]
NO_SCORE = ("",) * 9
COUNTS = "the reading that counts"


def response_rows(
    timeline: PatientTimeline,
    responses: Collection[Response],
    summaries: Collection[CourseSummary] = (),
    *,
    is_synthetic: bool,
    scores: Scores = MappingProxyType({}),
) -> Iterator[tuple[str, ...]]:
    """Every response of one patient in the order of COLUMNS, by visit; numbers with every digit they are kept with.

    `summaries` know the days between which a progression that a visit opened is to be confirmed (iRECIST). `scores`
    in force by visit and line of therapy stand in the row of the iRECIST call that counts, with the sentences
    without which their number may not stand.
    """
    courses = {course.pk: course for course in timeline.courses}
    readers = {said.reader_pk: said.reader_name for said in timeline.judgements}
    visits = {visit.pk: (number, visit) for number, visit in enumerate(timeline.timepoints, start=1)}
    names = {track.lesion_pk: track.tracking_id for track in timeline.tracks}
    current = timeline.current_course
    known = [found for found in responses if found.timepoint_pk in visits]
    for found in sorted(known, key=lambda one: visits[one.timepoint_pk][0]):
        number, visit = visits[found.timepoint_pk]
        course = courses.get(found.course_pk) if found.course_pk is not None else current
        yield (
            "SYNTHETIC" if is_synthetic else "",
            timeline.pseudonym,
            course.name if course else "",
            course.started_on.isoformat() if course else "",
            str(number),
            visit.first_on.isoformat(),
            visit.last_on.isoformat(),
            COUNTS if found.reader_pk is None else readers.get(found.reader_pk, ""),
            *_called(found),
            *_window(found, summaries),
            *_explained(found, names),
            *_scored(found, scores),
        )


def _called(found: Response) -> tuple[str, ...]:
    sums = (found.sum_mm, found.partial_sum_mm, found.baseline_sum_mm, found.nadir_sum_mm)
    sizes = "; ".join(
        f"{part.tracking_id} {part.size_mm if part.size_mm is not None else part.absence or 'no size'}"
        f"{f' ({part.state})' if part.state else ''}"
        for part in found.contributions
    )
    return (
        found.criterion.value,
        found.category.value,
        found.revised.value if found.revised else "",
        found.alternative.value if found.alternative else "",
        found.assessed_on.isoformat(),
        *("" if mm is None else str(mm) for mm in sums),
        sizes,
        found.non_target,
        found.new_lesions,
    )


def _window(found: Response, summaries: Collection[CourseSummary]) -> tuple[str, str]:
    """From and to which day the unconfirmed progression of this response is to be confirmed; else empty."""
    if found.criterion is not Criterion.IRECIST:
        return "", ""
    own = (one for one in summaries if (one.course_pk, one.reader_pk) == (found.course_pk, found.reader_pk))
    opened = (block for one in own for block in one.blocks if block.opened_on == found.assessed_on)
    block = next(opened, None)
    return (block.confirm_from.isoformat(), block.confirm_until.isoformat()) if block else ("", "")


def _scored(found: Response, scores: Scores) -> tuple[str, ...]:
    score = scores.get((found.timepoint_pk, found.course_pk))
    if score is None or found.reader_pk is not None or found.criterion is not Criterion.IRECIST:
        return NO_SCORE
    numbers = (score.probability, score.low, score.high, score.prior)
    return (
        score.status.value,
        " | ".join(reason.label for reason in score.reasons),
        *("" if number is None else repr(number) for number in numbers),
        score.band.label if score.band else "",
        f"{score.model_id} {score.model_version} {score.model_digest}",
        " | ".join(score.required_sentences),
    )


def _explained(found: Response, names: Mapping[int, str]) -> tuple[str, ...]:
    return (
        found.rule,
        found.source,
        " | ".join(found.reasons),
        " | ".join(found.flags),
        " | ".join(_flip(flip, names) for flip in found.flips),
        found.protocol,
    )


def _flip(flip: Flip, names: Mapping[int, str]) -> str:
    return f"{names.get(flip.lesion_pk, flip.tracking_id)} {flip.change_mm:+} mm: {flip.becomes.value}"
