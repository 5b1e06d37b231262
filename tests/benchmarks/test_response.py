"""How many published courses a second the criteria assess, and how long their table takes to be filed; prints both.

Run it by `python3 manage.py test -m benchmark -n0 -s tests/benchmarks/test_response.py`.
"""

import sys
import time
from collections import Counter
from collections.abc import Iterator

import pytest

from patients.reads.timelines import patient_timeline
from patients.timeline import PatientTimeline
from patients.vocabulary import ResponseCategory
from radiomics_tasks.analysis.criteria.best import best_response
from radiomics_tasks.analysis.criteria.immune_best import immune_summary
from radiomics_tasks.analysis.criteria.immune_visits import immune_course
from radiomics_tasks.analysis.criteria.overall import overall_results
from radiomics_tasks.analysis.criteria.protocol import Protocol
from radiomics_tasks.analysis.response.judged import judged_course, lines_of_therapy
from radiomics_tasks.arrivals.measured_intake import take_table
from tests.measured_elsewhere import as_csv, ghaffari
from tests.measured_tables import TODAY

pytestmark = pytest.mark.benchmark
LEAST_A_SECOND = 200
ROUNDS = 3
PROTOCOL = Protocol()


@pytest.mark.django_db
def test_courses_a_second(data_dir, team):
    content = as_csv(ghaffari(data_dir))
    started_at = time.perf_counter()
    taken = take_table(content, team, TODAY)
    filed_s = since(started_at)
    sys.stdout.write(f"\n{taken.visits:,} visits of {len(taken.patient_pks)} patients filed in {filed_s:.1f} s\n")
    timelines = [patient_timeline(key) for key in taken.patient_pks]
    fastest, called = 0.0, Counter[ResponseCategory]()
    for _ in range(ROUNDS):
        started_at = time.perf_counter()
        called = Counter(best for timeline in timelines for best in assessed(timeline))
        fastest = max(fastest, len(timelines) / since(started_at))
    sys.stdout.write(f"RECIST 1.1 and iRECIST of {len(timelines)} patients: {fastest:,.0f} patients a second\n")
    sys.stdout.write(", ".join(f"{best} {count}" for best, count in called.most_common()) + "\n")
    assert sum(called.values()) == len(timelines) == 628
    assert fastest > LEAST_A_SECOND


def assessed(timeline: PatientTimeline) -> Iterator[ResponseCategory]:
    """Every visit of every line of therapy called under both criteria; the best overall response of each line."""
    for line in lines_of_therapy(timeline):
        judged = judged_course(line, None, PROTOCOL)
        results = overall_results(judged.course, PROTOCOL)
        immune_summary(immune_course(judged.course, results, PROTOCOL), PROTOCOL)
        yield best_response(judged.course, results, PROTOCOL).best


def since(moment: float) -> float:
    return time.perf_counter() - moment
