"""A patient's own change survives where patients move between scanners; REML agrees with a dense likelihood."""

import numpy as np
import pytest

from patients.words.harmonisation_words import Covariate
from radiomics_tasks.analysis.harmonisation.applying import subject_harmonised
from radiomics_tasks.analysis.harmonisation.cohort import Cohort, CohortRow
from radiomics_tasks.analysis.harmonisation.fitting import fit
from radiomics_tasks.analysis.harmonisation.longitudinal import mixed
from tests.harmonising import NAMES, raw

VISITS, PATIENTS = 3, 120


def followed(seed=5):
    """Patients with own levels and own trends, seen three times, half of them changing scanner; B reads 3 higher."""
    random = np.random.default_rng(seed)
    rows, truth = [], []
    # Neighbours share a trend and start on different scanners, so that no scanner has the livelier patients.
    trends = np.repeat(random.normal(0, 1.5, PATIENTS // 2), 2)
    for patient in range(PATIENTS):
        level, trend = random.normal(20, 3), trends[patient]
        for visit in range(VISITS):
            is_b = (patient % 2 == 0) if patient < PATIENTS // 2 else (visit + patient) % 2 == 0
            true = level + trend * visit
            read = [float(true + 3 * is_b + random.normal(0, 0.3 * (1 + is_b))) for _ in NAMES]
            known = {Covariate.VOLUME: float(np.exp(random.normal(1, 1)))}
            rows.append(CohortRow(f"{patient}/{visit}", str(patient), "AB"[is_b], known, tuple(read)))
            truth.append(true)
    return Cohort(NAMES, ("HU", "", ""), tuple(rows), (Covariate.VOLUME,)), np.array(truth)


def harmonised_table(model, cohort):
    found = []
    for patient in range(PATIENTS):
        at = range(patient * VISITS, (patient + 1) * VISITS)
        found += [one.values for one in subject_harmonised(model, [raw(cohort, row) for row in at])]
    return np.array(found)[:, 0]


def changes(values):
    return (values.reshape(PATIENTS, VISITS)[:, 1:] - values.reshape(PATIENTS, VISITS)[:, :1]).ravel()


def test_a_patients_true_change_survives_and_the_scanner_goes():
    cohort, truth = followed()
    found = harmonised_table(fit(cohort, {}, is_longitudinal=True), cohort)
    slope, _ = np.polyfit(changes(truth), changes(found), 1)
    assert slope == pytest.approx(1, abs=0.1)
    moved = np.array([row.batch == "B" for row in cohort.rows], dtype=float)
    to_b, to_a = changes(moved) == 1, changes(moved) == -1
    before, after = changes(cohort.values[:, 0]) - changes(truth), changes(found) - changes(truth)
    assert before[to_b].mean() - before[to_a].mean() > 5.5
    assert abs(after[to_b].mean() - after[to_a].mean()) < 0.6


def test_the_scanners_offset_is_found():
    cohort, _ = followed()
    model = fit(cohort, {}, is_longitudinal=True)
    left, right = (batch.effects[0] for batch in model.batches)
    assert right - left == pytest.approx(3, abs=0.4)
    assert model.subjects == PATIENTS
    assert model.features[0].subject_ratio == pytest.approx(9 / 2.25, rel=0.6)


def dense(design, values, at_subject, ratio):
    v = np.eye(len(values)) + ratio * (at_subject[:, None] == at_subject[None, :])
    inverse = np.linalg.inv(v)
    inner = design.T @ inverse @ design
    rest = values - design @ np.linalg.solve(inner, design.T @ inverse @ values)
    freedom = len(values) - design.shape[1]
    variance = rest @ inverse @ rest / freedom
    return freedom * np.log(variance) + np.linalg.slogdet(v)[1] + np.linalg.slogdet(inner)[1], variance


def test_restricted_likelihood_is_the_dense_ones():
    random = np.random.default_rng(9)
    at_subject, at_batch = np.repeat(np.arange(12), 3), np.arange(36) % 2
    columns = random.normal(0, 1, (36, 1))
    values = random.normal(0, 1, 12)[at_subject] + at_batch + columns[:, 0] + random.normal(0, 0.7, 36)
    found = mixed(values[:, None], at_batch, columns, at_subject)
    design = np.column_stack([np.eye(2)[at_batch], columns])
    ratios = np.exp(np.linspace(-8, 8, 4001))
    best = min(ratios, key=lambda ratio: dense(design, values, at_subject, ratio)[0])
    assert found.subject_ratio[0] == pytest.approx(best, rel=0.005)
    assert found.fixed.sigma[0] ** 2 == pytest.approx(dense(design, values, at_subject, best)[1], rel=0.005)


def test_balanced_groups_give_the_textbooks_variances():
    random = np.random.default_rng(2)
    at_subject = np.repeat(np.arange(15), 4)
    values = random.normal(0, 2, 15)[at_subject] + random.normal(0, 1, 60)
    found = mixed(values[:, None], np.zeros(60, dtype=int), np.zeros((60, 0)), at_subject)
    groups = values.reshape(15, 4)
    within = groups.var(axis=1, ddof=1).mean()
    assert found.fixed.sigma[0] ** 2 == pytest.approx(within, rel=1e-6)
    between = groups.mean(axis=1).var(ddof=1) - within / 4
    assert found.subject_ratio[0] == pytest.approx(between / within, rel=1e-6)


def test_subjects_that_do_not_differ_have_no_variance():
    values = np.tile([-1.0, 1.0], 10)[:, None]
    found = mixed(values, np.zeros(20, dtype=int), np.zeros((20, 0)), np.repeat(np.arange(10), 2))
    assert found.subject_ratio.tolist() == [0.0]
