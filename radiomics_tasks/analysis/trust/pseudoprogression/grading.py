"""A stored score beside what became of its progression, under the strict label and as known on one date."""

from dataclasses import dataclass
from datetime import date, timedelta

from patients.concluded.trust_findings import IS_EVENT, EpisodeGrade, Score, grade_sentence
from patients.findings import UnconfirmedProgression
from patients.words.trust_words import Grading

# A death or a clinical progression this soon is true progression; a new iUPD this soon after a reset is late.
SOON_DAYS = 84
TWELVE_WEEKS = timedelta(days=84)


@dataclass(frozen=True, slots=True)
class Followed:
    """What happened after the progression beside assessments; None where it did not.

    `worsened_on`: death or clinical progression from the disease. `left_on`: another therapy began, or the patient
    was lost or died of something else. `next_opened_on`: the next unconfirmed progression of the course.
    `assessed_on`: the first visit after it that could be judged.
    """

    worsened_on: date | None = None
    left_on: date | None = None
    next_opened_on: date | None = None
    assessed_on: date | None = None


def grading_dates(
    episode: UnconfirmedProgression, next_visit_on: date | None, followed: Followed | None = None
) -> tuple[date, ...]:
    """When a score is graded: at the next assessment, twelve weeks after the progression, and where it ends later.

    A death, or another therapy, within the twelve weeks is a date of its own: often nothing is known after it.

    Examples
    --------
    >>> episode = UnconfirmedProgression(date(2024, 1, 1), ("T",), "OPEN", date(2024, 1, 29), date(2024, 2, 26))
    >>> [day.isoformat() for day in grading_dates(episode, date(2024, 2, 1))]
    ['2024-02-01', '2024-03-25']
    """
    after = followed or Followed()
    last = episode.opened_on + TWELVE_WEEKS
    ends = [on for on in (after.worsened_on, after.left_on) if on is not None and on < last]
    late = [episode.closed_on] if episode.closed_on is not None and episode.closed_on > last else []
    return tuple(sorted({last, *ends, *late, *([] if next_visit_on is None else [next_visit_on])}))


def episode_grade(score: Score, episode: UnconfirmedProgression, followed: Followed, as_of: date) -> EpisodeGrade:
    """Grade a score against its episode as far as it was known on a date; nothing later is looked at.

    Only a reset to a response is pseudoprogression and only confirmation, or a death or clinical progression from
    the disease within 84 days, true progression. What came first decides; an assessment comes before what happened
    on its own day. Where twelve weeks passed without a visit that could be judged it is indeterminate, until a later
    visit says more. Everything else is counted and not graded.
    """
    grading = _grading(episode, followed, as_of)
    return EpisodeGrade(
        grading=grading,
        as_of=as_of,
        is_pseudoprogression=IS_EVENT.get(grading),
        probability=score.probability,
        sentence=grade_sentence(grading, score.probability, score.prior),
        is_late_pd=grading is Grading.PSEUDOPROGRESSION and _is_soon_again(episode, followed, as_of),
    )


def _grading(episode: UnconfirmedProgression, followed: Followed, as_of: date) -> Grading:
    worsened_on = followed.worsened_on
    if worsened_on is not None and (worsened_on - episode.opened_on).days > SOON_DAYS:
        worsened_on = None
    ends = [
        (episode.closed_on, 0, _label(episode)),
        (worsened_on, 1, Grading.TRUE_PROGRESSION),
        (followed.left_on, 2, Grading.INDETERMINATE),
    ]
    happened = [(on, order, grading) for on, order, grading in ends if on is not None and on <= as_of]
    if happened:
        return min(happened)[2]
    is_unseen = followed.assessed_on is None or followed.assessed_on > as_of
    return Grading.INDETERMINATE if is_unseen and as_of >= episode.opened_on + TWELVE_WEEKS else Grading.OPEN


def _label(episode: UnconfirmedProgression) -> Grading:
    return Grading(episode.label or Grading.OPEN)


def _is_soon_again(episode: UnconfirmedProgression, followed: Followed, as_of: date) -> bool:
    again_on = followed.next_opened_on
    if episode.closed_on is None or again_on is None or again_on > as_of:
        return False
    return (again_on - episode.closed_on).days <= SOON_DAYS
