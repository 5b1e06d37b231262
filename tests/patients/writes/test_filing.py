"""Filing: once, whole or not at all, into the right patient and visit, and never past an open doubt."""

from datetime import date, timedelta

import pytest
from django.utils import timezone

from patients.models import Candidate, Patient, Scan, Segmentation, Timepoint
from patients.vocabulary import CandidateState, UploadState
from patients.writes.filing import NEVER_FILED, Decision, FilingConflict, file_candidate, note_doubt
from tests.factories import (
    BASELINE_ON,
    CandidateFactory,
    PatientFactory,
    ScanFactory,
    TeamFactory,
    TimepointFactory,
    UploadFactory,
    digest_of,
    facts,
    outline,
)
from tests.holding import released
from tests.patients.writes.at_once import at_once

pytestmark = pytest.mark.django_db

KNOWN = {"patient_id_hmac": "a" * 64, "birth_date_hmac": "b" * 64, "sex_hmac": "c" * 64}


def decision(**said) -> Decision:
    return Decision(**{"user": None, "window_days": 14, "pseudonym": "P-1", **said})


def doubt(code: str) -> dict[str, str]:
    return {"code": code, "sentence": f"About {code}."}


def refuses(candidate: Candidate, code: str, **said) -> FilingConflict:
    """The refusal, after which everything is as it was."""
    before = (Patient.objects.count(), Candidate.objects.values().get(pk=candidate.pk))
    with pytest.raises(FilingConflict) as refusal:
        file_candidate(candidate, decision(**said))
    assert refusal.value.code == code
    assert (Patient.objects.count(), Candidate.objects.values().get(pk=candidate.pk)) == before
    assert not Scan.objects.filter(volume_digest=candidate.volume_digest).exists()
    assert not Timepoint.objects.filter(scans=None).exists()
    return refusal.value


def test_a_confirmed_series_becomes_a_scan_with_who_and_when(owner):
    candidate = CandidateFactory.create(facts=facts(identity=KNOWN, series_instance_uid="2.25.7"))
    scan = file_candidate(candidate, decision(user=owner))
    candidate.refresh_from_db()
    assert (candidate.state, candidate.scan, candidate.patient) == (CandidateState.FILED, scan, scan.patient)
    assert (scan.filed_by, scan.unit, scan.series_instance_uid) == (owner, "HU", "2.25.7")
    assert (scan.patient.pseudonym, scan.patient.is_synthetic) == ("P-1", True)
    assert scan.patient.patient_id_hmac == "a" * 64
    assert candidate.upload.__class__.objects.get().state == UploadState.FILED


def test_filing_twice_gives_the_same_scan():
    candidate = CandidateFactory.create()
    first = file_candidate(candidate, decision())
    assert file_candidate(candidate, decision()) == first
    assert (Scan.objects.count(), Patient.objects.count(), Segmentation.objects.count()) == (1, 1, 1)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("is_new", [True, False])
def test_the_same_series_filed_by_several_at_once_is_one_scan(is_new):
    candidate = CandidateFactory.create()
    if not is_new:
        PatientFactory.create(pseudonym="P-1", team=candidate.upload.team)
    scans = at_once(*[lambda: file_candidate(candidate, decision())] * 4)
    assert len({scan.pk for scan in scans}) == 1
    assert (Patient.objects.count(), Timepoint.objects.count(), Segmentation.objects.count()) == (1, 1, 1)


@pytest.mark.django_db(transaction=True)
def test_two_uploads_of_one_scan_filed_at_once_are_one_scan():
    team, volume = TeamFactory.create(), digest_of("the same volume")
    found = [CandidateFactory.create(upload=UploadFactory.create(team=team), volume_digest=volume) for _ in range(3)]
    scans = at_once(*[lambda row=row: file_candidate(row, decision()) for row in found])
    assert len({scan.pk for scan in scans}) == 1
    assert (Scan.objects.count(), Segmentation.objects.count()) == (1, 1)
    assert set(Candidate.objects.values_list("state", flat=True)) == {CandidateState.FILED}


@pytest.mark.django_db(transaction=True)
def test_dates_of_one_upload_filed_at_once_settle_it():
    upload = UploadFactory.create()
    found = [
        CandidateFactory.create(upload=upload, acquired_on=BASELINE_ON + timedelta(40 * n), outlines=[])
        for n in range(4)
    ]
    at_once(*[lambda row=row: file_candidate(row, decision()) for row in found])
    upload.refresh_from_db()
    assert upload.state == UploadState.FILED
    assert (Patient.objects.count(), Timepoint.objects.count(), Scan.objects.count()) == (1, 4, 4)


@pytest.mark.parametrize("state", [CandidateState.DECLINED, CandidateState.REFUSED, CandidateState.DUPLICATE])
def test_what_is_settled_is_not_filed(state):
    refuses(CandidateFactory.create(state=state), "E_CONFLICT")


@pytest.mark.parametrize("code", [*NEVER_FILED, "E_MISSING_SLICES"])
def test_some_things_nobody_may_file(code):
    candidate = CandidateFactory.create(problems=[doubt(code)], state=CandidateState.NEEDS_PERSON)
    assert refuses(candidate, code, confirmed=[code]).doubt is None


def test_a_doubt_must_be_confirmed_by_its_own_code_and_is_remembered():
    candidate = CandidateFactory.create(problems=[doubt("Q_DERIVED")], state=CandidateState.NEEDS_PERSON)
    assert refuses(candidate, "Q_DERIVED", confirmed=["Q_HU_RANGE"]).doubt == doubt("Q_DERIVED")
    scan = file_candidate(candidate, decision(confirmed=["Q_DERIVED"]))
    assert scan.facts["confirmed"] == [doubt("Q_DERIVED")]


def test_a_missing_date_is_asked_for_and_the_files_own_date_stands():
    candidate = CandidateFactory.create(acquired_on=None, problems=[doubt("Q_DATE")])
    refuses(candidate, "Q_DATE")
    assert file_candidate(candidate, decision(acquired_on=date(2024, 3, 1))).acquired_on == date(2024, 3, 1)
    dated = CandidateFactory.create(upload=candidate.upload)
    assert file_candidate(dated, decision(acquired_on=date(2024, 3, 1))).acquired_on == BASELINE_ON


@pytest.mark.parametrize("day", [date(1979, 12, 31), timezone.localdate() + timedelta(1), date(9999, 1, 1)])
def test_an_absurd_date_is_asked_for_again(day):
    refuses(CandidateFactory.create(acquired_on=None), "Q_DATE", acquired_on=day)


@pytest.mark.parametrize("modality, unit", [("CT", "HU"), ("MR", "a.u."), ("PT", "SUVbw")])
def test_a_missing_modality_is_asked_for_and_decides_the_unit(modality, unit):
    candidate = CandidateFactory.create(modality="", problems=[doubt("Q_MODALITY")])
    refuses(candidate, "Q_MODALITY")
    refuses(candidate, "Q_MODALITY", modality="US")
    scan = file_candidate(candidate, decision(modality=modality))
    assert (scan.modality, scan.unit) == (modality, unit)


@pytest.mark.parametrize("pseudonym", ["", "  ", "x" * 65, "a\0b", "a\nb", "\u202ex", "\u200b", "-"])
def test_a_pseudonym_must_be_readable(pseudonym):
    refuses(CandidateFactory.create(), "Q_NEW_PATIENT", pseudonym=pseudonym)


def test_a_pseudonym_is_one_patient_however_it_is_capitalised():
    candidate = CandidateFactory.create()
    patient = PatientFactory.create(pseudonym="p-1", team=candidate.upload.team)
    assert file_candidate(candidate, decision(pseudonym=" P-1 ")).patient == patient


def test_another_teams_patient_is_as_good_as_taken_by_name_and_by_choice():
    theirs = PatientFactory.create(pseudonym="P-1")
    candidate = CandidateFactory.create()
    refuses(candidate, "E_PATIENT")
    refuses(candidate, "E_PATIENT", patient=theirs)
    assert not theirs.scans.exists()


def test_whose_scan_it_is_is_asked_again_for_the_patient_that_was_chosen():
    candidate = CandidateFactory.create(facts=facts(identity=KNOWN), problems=[doubt("Q_NEW_PATIENT")])
    chosen = PatientFactory.create(team=candidate.upload.team, patient_id_hmac="f" * 64)
    raised = refuses(candidate, "Q_WRONG_PATIENT", patient=chosen, confirmed=["Q_WRONG_PATIENT"])
    assert (raised.doubt, [known["code"] for known in raised.held]) == (None, ["Q_WRONG_PATIENT"])
    released(candidate, decision(patient=chosen))
    scan = file_candidate(candidate, decision(patient=chosen))
    assert [known["code"] for known in scan.facts["confirmed"]] == ["Q_WRONG_PATIENT"]


def test_a_scan_filed_in_spite_of_a_doubt_teaches_no_identity():
    candidate = CandidateFactory.create(facts=facts(identity=KNOWN))
    chosen = PatientFactory.create(team=candidate.upload.team, patient_id_hmac="f" * 64)
    released(candidate, decision(patient=chosen))
    file_candidate(candidate, decision(patient=chosen))
    chosen.refresh_from_db()
    assert (chosen.patient_id_hmac, chosen.birth_date_hmac, chosen.sex_hmac) == ("f" * 64, "", "")


def test_a_doubt_about_the_proposed_patient_falls_with_another_choice():
    candidate = CandidateFactory.create(facts=facts(identity=KNOWN), problems=[doubt("Q_WRONG_PATIENT")])
    right = PatientFactory.create(team=candidate.upload.team, **KNOWN)
    assert file_candidate(candidate, decision(patient=right)).patient == right


def test_one_pseudonym_is_not_filled_with_two_persons_by_confirming_twice():
    first = CandidateFactory.create(facts=facts(identity=KNOWN))
    second = CandidateFactory.create(upload=first.upload, facts=facts(identity={**KNOWN, "patient_id_hmac": "e" * 64}))
    file_candidate(first, decision())
    refuses(second, "Q_WRONG_PATIENT")


def test_the_same_pixels_under_another_patient_are_a_doubt():
    there = ScanFactory.create()
    candidate = CandidateFactory.create(
        volume_digest=digest_of("x"), facts=facts(volume_digest=there.volume_digest), problems=[]
    )
    refuses(candidate, "Q_PIXELS_OTHER_PATIENT")


def test_a_doubt_met_at_filing_is_kept_for_the_triage_table():
    candidate = CandidateFactory.create()
    for _ in range(2):
        note_doubt(candidate, doubt("Q_WRONG_PATIENT"))
    candidate.refresh_from_db()
    assert (candidate.problems, candidate.state) == ([doubt("Q_WRONG_PATIENT")], CandidateState.NEEDS_PERSON)
    file_candidate(candidate, decision())
    note_doubt(candidate, doubt("Q_DERIVED"))
    candidate.refresh_from_db()
    assert candidate.state == CandidateState.FILED


def test_what_fails_half_way_leaves_nothing():
    candidate = CandidateFactory.create(outlines=[outline("liver 1"), outline("liver 2", voxels=-1)])
    refuses(candidate, "E_CONFLICT")
    assert not Segmentation.objects.exists()


def visits(days: list[int], window: int = 14) -> list[list[int]]:
    """Scans filed in this order, by days from the baseline; the visits they fall into, in the order of time."""
    patient = PatientFactory.create(pseudonym="P-1")
    upload = UploadFactory.create(team=patient.team)
    for day in days:
        found = CandidateFactory.create(upload=upload, acquired_on=BASELINE_ON + timedelta(day), outlines=[])
        file_candidate(found, decision(window_days=window))
    grouped: dict[int, list[int]] = {}
    for scan in patient.scans.order_by("acquired_on"):
        grouped.setdefault(scan.timepoint_id, []).append((scan.acquired_on - BASELINE_ON).days)
    assert Timepoint.objects.count() == len(grouped)
    return sorted(grouped.values())


@pytest.mark.parametrize(
    "days, expected",
    [
        ([0, 14], [[0, 14]]),
        ([0, 15], [[0], [15]]),
        ([14, 0], [[0, 14]]),
        ([0, 0], [[0, 0]]),
        ([0, 10, 20], [[0, 10], [20]]),  # no chain of visits: all scans of one lie within the window
        ([0, 20, 9], [[0, 9], [20]]),
        ([0, 20, 11], [[0, 11], [20]]),
        ([10, 20, 0], [[0, 10], [20]]),  # another order of filing, the same visits
        ([20, 0, 10], [[0, 10], [20]]),
        ([0, 3, 30, 16], [[0, 3], [16, 30]]),
        ([0, 40, 20], [[0], [20], [40]]),
    ],
)
def test_scans_within_the_window_share_a_visit(days, expected):
    assert visits(days) == expected


def test_a_window_of_no_days_takes_the_same_day_only():
    assert visits([0, 1, 0], window=0) == [[0, 0], [1]]


def test_another_patients_visit_is_never_shared():
    ScanFactory.create(timepoint=TimepointFactory.create(patient=PatientFactory.create(pseudonym="P-9")))
    assert file_candidate(CandidateFactory.create(), decision()).timepoint.patient.pseudonym == "P-1"
