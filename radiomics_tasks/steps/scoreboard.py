"""A team's graded scores, to its scoreboard: how often they were right, and what so few allow to say."""

from collections import defaultdict
from dataclasses import asdict

from patients.concluded.trusted import Episode
from patients.reads.trusting.scoreboards import episodes_of
from patients.writes.trusting.scoreboards import replace_scoreboards
from radiomics_tasks import runs
from radiomics_tasks.analysis.trust.pseudoprogression.scoreboard import GradedEpisode, scoreboard


def count_scores(run_pk: int) -> None:
    """Work out the scoreboards of one team anew from all its episodes: one for each model and kind of patients.

    Made-up patients are never counted with others.
    An episode is the first unconfirmed progression of a block, under its last grade. What was scored when the
    outcome was known is counted and in no statistic.
    """
    with runs.working(run_pk) as claim:
        if claim is None:
            return
        together: dict[tuple[str, bool], list[Episode]] = defaultdict(list)
        for episode in episodes_of(claim.subject_pk):
            together[episode.model_digest, episode.is_synthetic].append(episode)
        boards = []
        for episodes in together.values():
            before = [one for one in episodes if not one.is_after_outcome]
            graded = [GradedEpisode(one.patient_pk, one.grade) for one in before if one.grade is not None]
            boards.append((episodes, asdict(scoreboard(graded))))
        with runs.finishing(claim):
            replace_scoreboards(claim.subject_pk, boards)
