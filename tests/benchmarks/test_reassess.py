"""What concluding one patient costs a worker, from the claim of the run to its end, beside bands of the site.

.venv/bin/python -m pytest -m benchmark tests/benchmarks/test_reassess.py -s
"""

import time

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from patients.models import FeatureSet, Patient
from patients.vocabulary import Modality, RunState, Step
from patients.words.noise_words import NoiseSource, SizeClass
from patients.writes.trusting.noise import TableOfNoise, replace_tables
from radiomics_tasks import runs
from radiomics_tasks.models import ProcessingRun
from radiomics_tasks.steps.reassess import reassess_patient
from tests.factories import followed_patient

pytestmark = pytest.mark.django_db


def site_tables(feature_set: FeatureSet) -> list[TableOfNoise]:
    """Bands of every feature in every size class, measured on pairs and under perturbation."""
    size = len(feature_set.names)
    return [
        TableOfNoise(
            source,
            Modality.CT,
            feature_set.pk,
            size_class,
            is_log=(True,) * size,
            within_sd=(0.05,) * size,
            mdc=(0.14,) * size,
            upper_mdc=(0.16,) * size,
            degrees=(40,) * size,
            lesions=(5,) * size,
            patients=(3,) * size,
            left_out=(0,) * size,
            missing=(None,) * size,
        )
        for size_class in SizeClass
        for source in (NoiseSource.SITE_PAIRS, NoiseSource.PERTURBATION)
    ]


def told(patient: Patient) -> str:
    """One run of the step: seconds on the clock, of this process, and of the database; queries."""
    run = runs.arm(Step.REASSESS, patient.pk)
    with CaptureQueriesContext(connection) as asked:
        began_at, began_cpu = time.perf_counter(), time.process_time()
        reassess_patient(run.pk)
        taken_s, worked_s = time.perf_counter() - began_at, time.process_time() - began_cpu
    assert ProcessingRun.objects.get(pk=run.pk).state == RunState.DONE
    asked_s = sum(float(query["time"]) for query in asked.captured_queries)
    return f"{taken_s:.2f} s ({worked_s:.2f} s of the processor, {asked_s:.2f} s in {len(asked)} queries)"


@pytest.mark.benchmark
@pytest.mark.parametrize(("features", "lesions", "visits"), [(107, 3, 5), (1316, 5, 8)])
def test_what_the_whole_step_costs(team, monkeypatch, features, lesions, visits):
    """Prints what the step takes the first time and when nothing changed; the first run of a process warms up."""
    monkeypatch.setattr("radiomics_tasks.hints.current_app.send_task", lambda *_, **__: None)
    patient = followed_patient(team, lesions=lesions, dates=visits, features=features)
    replace_tables(site_tables(FeatureSet.objects.latest("pk")))
    first, again, last = (told(patient) for _ in range(3))
    print(  # noqa: T201  # the figures are what this is for
        f"\nreassess, {features:,} features x {visits} visits x {lesions} lesions: "
        f"first {first}; again, nothing changed {again}; {last}"
    )
