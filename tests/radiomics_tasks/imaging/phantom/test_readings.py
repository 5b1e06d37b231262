"""The declared readings: whole, about lesions that are there, and called by the criteria as they say."""

from collections.abc import Iterator

import pytest

from patients.judged import Judgement, LesionJudged
from patients.timeline import Course, LesionTrack, Observation, PatientTimeline, ScanSeen, Sizes, Timepoint
from patients.vocabulary import LesionRole, Modality, Organ, ResponseCategory
from patients.words.reading_words import NewDisease, NonTarget, SizeState
from radiomics_tasks.analysis.criteria.immune_visits import immune_course
from radiomics_tasks.analysis.criteria.overall import overall_results
from radiomics_tasks.analysis.criteria.protocol import Protocol
from radiomics_tasks.analysis.response.judged import Judged, judged_course
from radiomics_tasks.imaging.phantom.cohort import DEMO_PATIENTS
from radiomics_tasks.imaging.phantom.cohort.plan import DemoLesion, DemoPatient
from radiomics_tasks.imaging.phantom.cohort.readings import DeclaredReading
from radiomics_tasks.imaging.phantom.cohort.signed import SIGNED
from tests.radiomics_tasks.imaging.phantom.sizes import drawn_sizes_mm

each_patient = pytest.mark.parametrize("patient", DEMO_PATIENTS, ids=lambda patient: patient.pseudonym)
FROM_IUPD_ON = (ResponseCategory.IUPD, ResponseCategory.ICPD)


def names_of(patient: DemoPatient) -> list[str]:
    return [lesion.name for lesion in patient.lesions] + [finding.name for finding in patient.findings]


def observations(patient: DemoPatient, lesion: DemoLesion) -> Iterator[Observation]:
    for number, sizes in enumerate(drawn_sizes_mm(patient)):
        scans = patient.visits[number].scans
        scan = next(scan for scan in scans if scan.modality == lesion.modality)
        if lesion.name in sizes:
            size_mm = sizes[lesion.name]
            seen = Sizes(size_mm, size_mm, 1.0)
            yield Observation(number, number, scan.acquired_on, scan.modality, sizes=seen)


def track(patient: DemoPatient, pk: int, name: str) -> LesionTrack:
    lesion = next((lesion for lesion in patient.lesions if lesion.name == name), None)
    if lesion is None:
        return LesionTrack(pk, name, name, Organ.PERITONEUM, False, LesionRole.NON_TARGET, ())
    seen = tuple(observations(patient, lesion))
    return LesionTrack(pk, name, name, lesion.organ, lesion.is_node, lesion.role, seen, new_kind=lesion.new_kind)


def judgement(patient: DemoPatient, number: int, said: DeclaredReading) -> Judgement:
    names = names_of(patient)
    lesions = tuple(
        LesionJudged(names.index(entry.name), entry.state, trend=entry.trend, why=entry.why) for entry in said.lesions
    )
    return Judgement(
        number,
        number,
        1,
        "reader",
        True,
        said.non_target,
        said.new,
        lesions,
        non_target_trend=said.non_target_trend,
        new_why=said.new_why,
        equivocal_resolved=said.equivocal_resolved,
        regions_not_scanned=said.regions_not_scanned,
        reappearance=said.reappearance,
    )


def judged(patient: DemoPatient) -> Judged:
    """The patient as the database would tell: sizes of the drawn outlines, readings as declared."""
    timepoints = tuple(
        Timepoint(number, tuple(ScanSeen(number, "", scan.modality, scan.acquired_on, "HU") for scan in visit.scans))
        for number, visit in enumerate(patient.visits)
    )
    course = patient.courses[0]
    timeline = PatientTimeline(
        1,
        patient.pseudonym,
        (Course(1, course.name, course.drug_class, course.started_on, course.stopped_on),),
        timepoints,
        tuple(track(patient, pk, name) for pk, name in enumerate(names_of(patient))),
        judgements=tuple(judgement(patient, n, said) for n, said in enumerate(SIGNED[patient.pseudonym])),
    )
    found = judged_course(timeline, None, Protocol())
    assert found is not None
    return found


def test_every_patient_is_read_at_every_visit() -> None:
    visits = {patient.pseudonym: len(patient.visits) for patient in DEMO_PATIENTS}
    assert {pseudonym: len(readings) for pseudonym, readings in SIGNED.items()} == visits


@each_patient
def test_readings_are_about_lesions_that_are_there(patient: DemoPatient) -> None:
    has_non_targets = bool(patient.findings) or any(each.role is LesionRole.NON_TARGET for each in patient.lesions)
    for number, said in enumerate(SIGNED[patient.pseudonym]):
        outlined = drawn_sizes_mm(patient)[number]
        assert {entry.name for entry in said.lesions} <= set(names_of(patient))
        assert all(entry.name in outlined or entry.state is not SizeState.MEASURED for entry in said.lesions)
        assert all(entry.why for entry in said.lesions if entry.state is SizeState.NOT_EVALUABLE)
        assert (said.non_target is NonTarget.NA) == (not has_non_targets)
        assert bool(said.new_why) or said.new is NewDisease.NO


@each_patient
def test_what_every_outline_and_every_target_needs_is_said(patient: DemoPatient) -> None:
    for number, said in enumerate(SIGNED[patient.pseudonym]):
        outlined = drawn_sizes_mm(patient)[number]
        said_of = {entry.name for entry in said.lesions}
        assert all(each.name in outlined or each.name in said_of for each in patient.lesions if each.sizes_mm[0])
        assert said.immune_response not in FROM_IUPD_ON or said.clinical_status is not None
        assert (said.clinical_status is None) == (said.steroid_mg is None)


@each_patient
def test_the_criteria_call_what_is_declared(patient: DemoPatient) -> None:
    course = judged(patient).course
    found = overall_results(course)
    declared = SIGNED[patient.pseudonym][1:]
    assert [result.category for result in found] == [said.response for said in declared]
    assert [result.final for result in found] == [said.final_response for said in declared]
    immune = immune_course(course, found)
    assert [result.category for result in immune.visits] == [said.immune_response for said in declared]


def test_the_head_is_read_on_its_own_scan() -> None:
    patient = next(patient for patient in DEMO_PATIENTS if patient.pseudonym == "SYN-16")
    brain = next(lesion for lesion in patient.lesions if lesion.modality is Modality.MR)
    assert [seen.observed_on for seen in observations(patient, brain)] == [
        visit.scans[1].acquired_on for visit in patient.visits
    ]
