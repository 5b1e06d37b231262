"""How often the score was right here: what was graded, what it abstained from, and what n allows to say."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from patients.concluded.trust_findings import EpisodeGrade, Scoreboard
from radiomics_tasks.analysis.trust.pseudoprogression.calibration import (
    Outcomes,
    brier,
    calibration_groups,
    discrimination,
    intercept,
    observed_to_expected,
    resampled_weights,
    scaled_brier,
    slope,
    with_interval,
)

# Below ten of each class an area under the curve has an interval of about +-0.2: it says nothing.
FEWEST_OF_EACH = 10
# The model is not refitted below this many adjudicated episodes of each class.
ENOUGH_OF_EACH = 100


@dataclass(frozen=True, slots=True)
class GradedEpisode:
    """One grade and the patient whose episode it is; a patient's episodes are resampled together."""

    patient_pk: int
    grade: EpisodeGrade


def scoreboard(graded: Sequence[GradedEpisode]) -> Scoreboard:
    """Count what was graded and, where there are enough episodes of both kinds, say how well the score did.

    One row an episode: grades at the next assessment and at twelve weeks make two scoreboards, never one.

    Examples
    --------
    >>> scoreboard([]).sentences
    ('No episode with an estimate has been graded yet: nothing can be said.',)
    """
    decided = [one for one in graded if one.grade.is_pseudoprogression is not None]
    rows = [
        (one.grade.probability, bool(one.grade.is_pseudoprogression), one.patient_pk)
        for one in decided
        if one.grade.probability is not None
    ]
    abstained = [one.grade for one in decided if one.grade.probability is None]
    others = Counter(one.grade.grading for one in graded if one.grade.is_pseudoprogression is None)
    events = sum(is_event for _, is_event, _ in rows)
    counts = Scoreboard(
        n=len(rows),
        events=events,
        patients=len({patient_pk for _, _, patient_pk in rows}),
        abstained=len(abstained),
        abstained_events=sum(bool(grade.is_pseudoprogression) for grade in abstained),
        not_graded=tuple(sorted(others.items())),
        late_progressions=sum(one.grade.is_late_pd for one in graded),
        sentences=(_sentence(len(rows), events),),
    )
    if min(events, len(rows) - events) < FEWEST_OF_EACH:
        return counts
    return _with_statistics(counts, Outcomes.of(rows))


def _sentence(n: int, events: int) -> str:
    if n == 0:
        return "No episode with an estimate has been graded yet: nothing can be said."
    kinds = f"{events} pseudoprogression and {n - events} true progression"
    fewest = min(events, n - events)
    if fewest < FEWEST_OF_EACH:
        return f"{n} graded ({kinds}): fewer than {FEWEST_OF_EACH} of each, too few to say anything."
    if fewest < ENOUGH_OF_EACH:
        return (
            f"{n} graded ({kinds}): fewer than {ENOUGH_OF_EACH} of each. Read the intervals, not the points; "
            "the model is not changed on so few."
        )
    return f"{n} graded ({kinds})."


def _with_statistics(counts: Scoreboard, outcomes: Outcomes) -> Scoreboard:
    weights = resampled_weights(outcomes)
    return replace(
        counts,
        observed_to_expected=with_interval(observed_to_expected, outcomes, weights),
        intercept=with_interval(intercept, outcomes, weights),
        slope=slope(outcomes),
        brier=with_interval(brier, outcomes, weights),
        scaled_brier=with_interval(scaled_brier, outcomes, weights),
        discrimination=with_interval(discrimination, outcomes, weights),
        groups=calibration_groups(outcomes),
    )
