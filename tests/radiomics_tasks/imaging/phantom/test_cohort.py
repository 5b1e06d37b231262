"""The demo patients: truth that adds up, and outlines whose sums call what the plan says, with a margin."""

from datetime import timedelta

import pytest

from patients.vocabulary import LesionRole, Modality, OutlineFormat, ResponseCategory
from radiomics_tasks.imaging.phantom.cohort import DEMO_PATIENTS
from radiomics_tasks.imaging.phantom.cohort.plan import DemoPatient
from tests.radiomics_tasks.imaging.phantom.sizes import drawn_sizes_mm

each_patient = pytest.mark.parametrize("patient", DEMO_PATIENTS, ids=lambda patient: patient.pseudonym)
MARGIN_MM = 1.0
# Within a reader's noise, and still on the side that is declared.
NEAR_MM = 0.2


@each_patient
def test_truth_adds_up(patient: DemoPatient) -> None:
    targets = [lesion for lesion in patient.lesions if lesion.role == LesionRole.TARGET]
    for number, visit in enumerate(patient.visits):
        sizes = [lesion.sizes_mm[number] for lesion in targets]
        if None in sizes or not targets:
            assert visit.sum_mm is None
        else:
            assert sum(size for size in sizes if size) == pytest.approx(visit.sum_mm)


@each_patient
def test_targets_keep_the_rules_of_baseline(patient: DemoPatient) -> None:
    targets = [lesion for lesion in patient.lesions if lesion.role == LesionRole.TARGET]
    organs = [lesion.organ for lesion in targets]
    assert len(targets) <= 5
    assert all(organs.count(organ) <= 2 for organ in organs)
    assert all((lesion.sizes_mm[0] or 0) >= (15 if lesion.is_node else 10) for lesion in targets)
    assert len({patient.tracking_uid(lesion) for lesion in patient.lesions}) == len(patient.lesions)


@each_patient
def test_scans_of_a_visit_lie_within_its_window(patient: DemoPatient) -> None:
    firsts = [min(scan.acquired_on for scan in visit.scans) for visit in patient.visits]
    lasts = [max(scan.acquired_on for scan in visit.scans) for visit in patient.visits]
    assert all(last - first <= timedelta(days=14) for first, last in zip(firsts, lasts, strict=True))
    assert lasts[0] <= patient.courses[0].started_on
    # All courses start together: a later start would move the baseline.
    assert {course.started_on for course in patient.courses} == {patient.courses[0].started_on}
    assert all(later > earlier for earlier, later in zip(lasts, firsts[1:], strict=False))


@each_patient
def test_the_reader_is_near_the_truth(patient: DemoPatient) -> None:
    for number, sizes in enumerate(drawn_sizes_mm(patient)):
        for lesion in patient.lesions:
            truth = lesion.sizes_mm[number]
            assert (lesion.name in sizes) == (truth is not None)
            if truth is not None:
                assert abs(sizes[lesion.name] - truth) <= 2
                assert sizes[lesion.name] != truth


def called(sums_mm: list[float | None], nodes_only_mm: list[list[float]]) -> list[tuple[ResponseCategory, float]]:
    """Target response at each visit and how far the sum lies from the nearest threshold, rules written apart."""
    baseline = sums_mm[0]
    if baseline is None:
        return [(ResponseCategory.NA, MARGIN_MM)] * len(sums_mm)
    nadir, calls = baseline, [(ResponseCategory.BASELINE, baseline)]
    for now, nodes in zip(sums_mm[1:], nodes_only_mm[1:], strict=True):
        if now is None:
            calls.append((ResponseCategory.NE, baseline))
            continue
        worse, better = max(1.2 * nadir, nadir + 5), 0.7 * baseline
        margin = min(abs(now - worse), abs(now - better), abs(max(nodes, default=0) - 10))
        if nodes and max(nodes) < 10:
            calls.append((ResponseCategory.CR, margin))
        elif now >= worse:
            calls.append((ResponseCategory.PD, margin))
        else:
            calls.append((ResponseCategory.PR if now <= better else ResponseCategory.SD, margin))
        nadir = min(nadir, now)
    return calls


def calls_of(patient: DemoPatient) -> list[tuple[ResponseCategory, float]]:
    """What the outlines of one patient call."""
    targets = [lesion for lesion in patient.lesions if lesion.role == LesionRole.TARGET]
    is_nodal = all(lesion.is_node for lesion in targets)
    sums: list[float | None] = []
    nodes: list[list[float]] = []
    for sizes in drawn_sizes_mm(patient):
        known = [sizes[lesion.name] for lesion in targets if lesion.name in sizes]
        sums.append(sum(known) if known and len(known) == len(targets) else None)
        nodes.append(known if is_nodal else [])
    return called(sums, nodes)


@each_patient
def test_outlines_call_what_the_plan_says(patient: DemoPatient) -> None:
    calls = calls_of(patient)
    assert [call for call, _ in calls] == [visit.response for visit in patient.visits]
    nearest_mm = min(margin for _, margin in calls)
    assert nearest_mm >= (NEAR_MM if patient.is_near_threshold else MARGIN_MM)
    assert (nearest_mm < MARGIN_MM) == patient.is_near_threshold


def test_what_the_cohort_must_show() -> None:
    scans = [scan for patient in DEMO_PATIENTS for visit in patient.visits for scan in visit.scans]
    assert {scan.spacing_mm[2] for scan in scans if scan.modality == Modality.CT} == {1.25, 2.5, 5.0}
    assert sum(patient.outlines == OutlineFormat.RTSTRUCT for patient in DEMO_PATIENTS) == 1
    assert {scan.modality for scan in scans} == {Modality.CT, Modality.MR}
    assert all(patient.pseudonym.startswith("SYN-") for patient in DEMO_PATIENTS)
    wanted = {ResponseCategory.CR, ResponseCategory.PR, ResponseCategory.SD, ResponseCategory.PD, ResponseCategory.NE}
    assert wanted <= {visit.response for patient in DEMO_PATIENTS for visit in patient.visits}


@each_patient
def test_new_lesions_are_on_no_first_scan(patient: DemoPatient) -> None:
    for lesion in patient.lesions:
        assert (lesion.sizes_mm[0] is None) == (lesion.role is LesionRole.NEW)
        assert len(lesion.sizes_mm) == len(lesion.interiors) == len(patient.visits)
        assert lesion.new_kind is None or lesion.role is LesionRole.NEW


@each_patient
def test_what_happens_to_a_patient_stands_in_order(patient: DemoPatient) -> None:
    last_on = max(scan.acquired_on for visit in patient.visits for scan in visit.scans)
    assert patient.died_on is None or patient.died_on > last_on
    for course in patient.courses:
        for first, last in course.holds:
            assert course.started_on < first <= last <= (course.stopped_on or last)


def test_a_measured_new_lesion_grows_enough_to_confirm() -> None:
    patient = next(patient for patient in DEMO_PATIENTS if patient.pseudonym == "SYN-06")
    _, first, second = drawn_sizes_mm(patient)
    assert first["liver 3"] >= 10
    assert second["liver 3"] - first["liver 3"] >= 5.2
