"""What was concluded comes back as it was, and only rows whose inputs changed are replaced."""

from datetime import timedelta
from decimal import Decimal

import pytest

from patients.findings import (
    CourseSummary,
    Delta,
    Flip,
    LesionContribution,
    PatientFindings,
    Response,
    UnconfirmedProgression,
)
from patients.models import FeatureDelta, ResponseAssessment, ResponseSummary, Segmentation
from patients.reads.findings import patient_findings
from patients.reads.timelines import patient_timeline
from patients.vocabulary import Criterion, LesionRole, ResponseCategory
from patients.writes.findings import replace_findings
from radiomics_tasks.analysis.conclude import conclude
from tests.factories import BASELINE_ON, FeatureSnapshotFactory, LesionFactory, UserFactory, digest_of
from tests.patients.rows import followed, observed, scan_on
from tests.patients.writes.at_once import at_once

pytestmark = pytest.mark.django_db


def concluded(patient) -> PatientFindings:
    findings = conclude(patient_timeline(patient.pk))
    replace_findings(findings)
    return findings


def kept(model) -> dict[int, str]:
    return dict(model.objects.values_list("pk", "inputs_digest"))


def in_order(findings: PatientFindings) -> list[Delta]:
    return sorted(findings.deltas, key=lambda d: (d.lesion_pk, d.timepoint_pk, d.reference.value))


def test_findings_come_back_equal():
    patient = followed([30.0, 20.0, 41.5], [12.0, 11.0, 10.0])
    findings = concluded(patient)
    stored = patient_findings(patient.pk)
    assert len(stored.deltas) == 12
    assert list(stored.deltas) == in_order(findings)
    assert stored.responses == findings.responses


def test_concluding_again_touches_nothing():
    patient = followed([30.0, 20.0, 41.5])
    concluded(patient)
    before = kept(FeatureDelta), kept(ResponseAssessment)
    concluded(patient)
    assert (kept(FeatureDelta), kept(ResponseAssessment)) == before


def test_a_new_visit_adds_its_rows_and_leaves_the_others():
    patient = followed([30.0, 20.0], [12.0, 11.0])
    concluded(patient)
    before = kept(FeatureDelta), kept(ResponseAssessment)
    scan = scan_on(patient, BASELINE_ON + timedelta(112))
    for lesion in patient.lesions.all():
        observed(lesion, scan, 40.0)
    concluded(patient)
    assert before[0].items() <= kept(FeatureDelta).items()
    assert before[1].items() <= kept(ResponseAssessment).items()
    assert (FeatureDelta.objects.count(), ResponseAssessment.objects.count()) == (12, 3)


def test_a_new_snapshot_of_one_lesion_replaces_the_rows_of_that_lesion_only():
    patient = followed([30.0, 20.0, 25.0], [12.0, 11.0, 10.0])
    concluded(patient)
    first, second = patient.lesions.all()
    others = set(FeatureDelta.objects.filter(lesion=second).values_list("pk", flat=True))
    last = Segmentation.objects.filter(lesion=first).latest("scan__acquired_on")
    FeatureSnapshotFactory.create(segmentation=last, build_digest=digest_of("next build"))
    stale = set(FeatureDelta.objects.filter(timepoint=last.scan.timepoint, lesion=first).values_list("pk", flat=True))
    concluded(patient)
    assert others == set(FeatureDelta.objects.filter(lesion=second).values_list("pk", flat=True))
    assert not stale & set(FeatureDelta.objects.values_list("pk", flat=True))
    fresh = FeatureDelta.objects.filter(timepoint=last.scan.timepoint, lesion=first)
    assert [row.build_differs for row in fresh] == [True, True, True]


def test_what_no_longer_follows_is_removed():
    patient = followed([30.0, 20.0])
    concluded(patient)
    patient.lesions.update(role=LesionRole.NON_TARGET)
    Segmentation.objects.filter(scan__acquired_on=BASELINE_ON).update(lesion=None)
    findings = concluded(patient)
    assert not FeatureDelta.objects.exists()
    assert patient_findings(patient.pk).responses == findings.responses


def test_a_role_that_changes_replaces_responses_and_no_delta():
    patient = followed([30.0, 20.0], [12.0, 11.0])
    concluded(patient)
    deltas, responses = kept(FeatureDelta), kept(ResponseAssessment)
    patient.lesions.filter(pk=max(patient.lesions.values_list("pk", flat=True))).update(role=LesionRole.NON_TARGET)
    concluded(patient)
    assert kept(FeatureDelta) == deltas
    assert not responses.keys() & kept(ResponseAssessment).keys()


def test_another_patients_findings_stay():
    other = followed([30.0, 20.0])
    concluded(other)
    before = kept(FeatureDelta)
    patient = followed([10.0, 9.0])
    concluded(patient)
    replace_findings(PatientFindings(patient.pk))
    assert kept(FeatureDelta) == before


def test_a_lesion_without_snapshots_has_no_deltas():
    patient = followed([30.0, 20.0])
    LesionFactory.create(patient=patient)
    assert {delta.lesion_pk for delta in concluded(patient).deltas} == {
        min(patient.lesions.values_list("pk", flat=True))
    }


def called(patient, **more) -> Response:
    """A response with every field filled."""
    part = LesionContribution(patient.lesions.first().pk, "liver 1", Decimal("30.10"), "longest diameter")
    return Response(
        timepoint_pk=patient.timepoints.first().pk,
        criterion=Criterion.IRECIST,
        category=ResponseCategory.NON_ICR_NON_IUPD,
        assessed_on=BASELINE_ON,
        sum_mm=Decimal("30.10"),
        partial_sum_mm=Decimal("30.10"),
        baseline_sum_mm=None,
        nadir_sum_mm=None,
        contributions=(part,),
        rule="PD_NADIR_20_5",
        reasons=("Because",),
        source="Seymour 2017",
        flags=("ADJUDICATE",),
        non_target="NCNP",
        new_lesions="NO",
        revised=ResponseCategory.EQUIVOCAL_REAPPEARANCE,
        alternative=ResponseCategory.IUPD,
        flips=(Flip(part.lesion_pk, "liver 1", Decimal("-1.4"), ResponseCategory.SD),),
        protocol="p, version 1",
        **more,
    )


def summary(**more) -> CourseSummary:
    later = BASELINE_ON + timedelta(56)
    block = UnconfirmedProgression(BASELINE_ON, ("T", "NL"), "CONFIRMED", BASELINE_ON, later, later, "TRUE_PD")
    still = UnconfirmedProgression(BASELINE_ON, ("NT",), "OPEN", BASELINE_ON, later)
    best = ResponseCategory.IPR
    return CourseSummary(best=best, immune_progressed_on=later, blocks=(block, still), protocol="p", **more)


def test_explained_responses_and_summaries_come_back_equal():
    patient = followed([30.0])
    line, reader = patient.courses.get().pk, UserFactory.create().pk
    who = [{"course_pk": c, "reader_pk": r} for c in (None, line) for r in (None, reader)]
    responses = tuple(called(patient, **keys) for keys in who)
    summaries = tuple(summary(**keys) for keys in who)
    findings = PatientFindings(patient.pk, (), responses, summaries)
    replace_findings(findings)
    stored = patient_findings(patient.pk)
    assert set(map(repr, stored.responses)) == set(map(repr, responses))
    assert set(map(repr, stored.summaries)) == set(map(repr, summaries))
    before = kept(ResponseAssessment), kept(ResponseSummary)
    replace_findings(findings)
    assert (kept(ResponseAssessment), kept(ResponseSummary)) == before


def test_only_the_summary_that_changed_is_replaced():
    patient = followed([30.0])
    line = patient.courses.get().pk
    replace_findings(PatientFindings(patient.pk, (), (), (summary(course_pk=None, reader_pk=None),)))
    first = kept(ResponseSummary)
    two = (summary(course_pk=None, reader_pk=None), summary(course_pk=line, reader_pk=None))
    replace_findings(PatientFindings(patient.pk, (), (), two))
    assert first.items() < kept(ResponseSummary).items()
    replace_findings(PatientFindings(patient.pk))
    assert not ResponseSummary.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_conclusions_at_once_do_not_interleave():
    patient = followed([30.0, 20.0, 25.0])
    findings = conclude(patient_timeline(patient.pk))
    at_once(*[lambda: replace_findings(findings)] * 3)
    assert list(patient_findings(patient.pk).deltas) == in_order(findings)
    assert ResponseAssessment.objects.count() == 3
