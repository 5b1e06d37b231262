"""The demo patients: truth that adds up, and outlines whose sums call what the plan says, with a margin."""

from datetime import timedelta

import pytest

from patients.vocabulary import LesionRole, Modality, OutlineFormat, ResponseCategory
from radiomics_tasks.imaging.phantom.cohort import DEMO_PATIENTS
from radiomics_tasks.imaging.phantom.cohort.plan import DemoPatient
from radiomics_tasks.imaging.phantom.patient_out import lesions_on, recipe_of
from radiomics_tasks.imaging.phantom.scan import drawn_masks
from tests.radiomics_tasks.imaging.phantom.sizes import diameters_mm

each_patient = pytest.mark.parametrize("patient", DEMO_PATIENTS, ids=lambda patient: patient.pseudonym)
MARGIN_MM = 1.0
Sizes = dict[str, float]


def drawn_sizes_mm(patient: DemoPatient) -> list[Sizes]:
    """Per visit, each outlined lesion's longest diameter, for nodes the short axis."""
    visits: list[Sizes] = []
    for number, visit in enumerate(patient.visits):
        sizes: Sizes = {}
        for index, scan in enumerate(visit.scans):
            masks = drawn_masks(recipe_of(patient, number, index))
            for lesion in lesions_on(patient, number, scan):
                pixel_mm = scan.spacing_mm[:2]
                sizes[lesion.name] = diameters_mm(masks[lesion.name], pixel_mm)[int(lesion.is_node)]
        visits.append(sizes)
    return visits


@pytest.fixture(scope="module")
def sizes_of() -> dict[str, list[Sizes]]:
    return {patient.pseudonym: drawn_sizes_mm(patient) for patient in DEMO_PATIENTS}


@each_patient
def test_truth_adds_up(patient: DemoPatient) -> None:
    targets = [lesion for lesion in patient.lesions if lesion.role == LesionRole.TARGET]
    for number, visit in enumerate(patient.visits):
        sizes = [lesion.sizes_mm[number] for lesion in targets]
        if None in sizes:
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
def test_the_reader_is_near_the_truth(patient: DemoPatient, sizes_of: dict[str, list[Sizes]]) -> None:
    for number, sizes in enumerate(sizes_of[patient.pseudonym]):
        for lesion in patient.lesions:
            truth = lesion.sizes_mm[number]
            assert (lesion.name in sizes) == (truth is not None)
            if truth is not None:
                assert abs(sizes[lesion.name] - truth) <= 2
                assert sizes[lesion.name] != truth


def called(sums_mm: list[float | None], nodes_only_mm: list[list[float]]) -> list[tuple[ResponseCategory, float]]:
    """Target response at each visit and how far the sum lies from the nearest threshold, rules written apart."""
    baseline = sums_mm[0]
    assert baseline is not None
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


@each_patient
def test_outlines_call_what_the_plan_says(patient: DemoPatient, sizes_of: dict[str, list[Sizes]]) -> None:
    targets = [lesion for lesion in patient.lesions if lesion.role == LesionRole.TARGET]
    is_nodal = all(lesion.is_node for lesion in targets)
    sums: list[float | None] = []
    nodes: list[list[float]] = []
    for sizes in sizes_of[patient.pseudonym]:
        known = [sizes[lesion.name] for lesion in targets if lesion.name in sizes]
        sums.append(sum(known) if len(known) == len(targets) else None)
        nodes.append(known if is_nodal else [])
    calls = called(sums, nodes)
    assert [call for call, _ in calls] == [visit.response for visit in patient.visits]
    assert min(margin for _, margin in calls) >= MARGIN_MM


def test_what_the_cohort_must_show() -> None:
    scans = [scan for patient in DEMO_PATIENTS for visit in patient.visits for scan in visit.scans]
    assert {scan.spacing_mm[2] for scan in scans if scan.modality == Modality.CT} == {1.25, 2.5, 5.0}
    assert sum(patient.outlines == OutlineFormat.RTSTRUCT for patient in DEMO_PATIENTS) == 1
    assert {scan.modality for scan in scans} == {Modality.CT, Modality.MR}
    assert all(patient.pseudonym.startswith("SYN-") for patient in DEMO_PATIENTS)
    wanted = {ResponseCategory.CR, ResponseCategory.PR, ResponseCategory.SD, ResponseCategory.PD, ResponseCategory.NE}
    assert wanted <= {visit.response for patient in DEMO_PATIENTS for visit in patient.visits}
