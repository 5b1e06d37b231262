"""Scans and patients are put under another patient whole, once, told in both trails, and come back as they were."""

import pytest
from django.db import DatabaseError, transaction
from django.utils import timezone

from patients.files import Storage
from patients.models import AuditEvent, Lesion, Move, Patient, Reading, Scan, Segmentation, Withholding
from patients.planned import MoveRefused, Wanted, plan_of
from patients.reads.integrity.rows_held import damaged_rows
from patients.reads.readings.judgements import judgements_of
from patients.reads.tables.exports import tidy_rows
from patients.reads.timelines import patient_timeline
from patients.words.identity_words import MoveKind, MoveState, WithheldWhy
from patients.words.reading_words import ReadingState
from patients.writes.filing import Decision, FilingConflict, file_candidate
from patients.writes.identity.moving import back, decide_move, put_under
from patients.writes.identity.withholding import withhold
from patients.writes.readings.drafts import start_reading
from radiomics_tasks.invariants.of_identity import OF_IDENTITY
from radiomics_tasks.invariants.terms import Terms
from tests.factories import (
    CandidateFactory,
    ClinicalEventFactory,
    LabResultFactory,
    LesionTreatmentFactory,
    PatientFactory,
    UserFactory,
    facts,
    signed_reading,
)
from tests.patients.rows import followed
from tests.patients.writes.at_once import at_once

pytestmark = pytest.mark.django_db
WHY = "Both names were read out on the telephone."
KNOWN = {"patient_id_hmac": "a" * 64, "birth_date_hmac": "b" * 64, "sex_hmac": "c" * 64}
OTHER = {"patient_id_hmac": "d" * 64, "birth_date_hmac": "e" * 64, "sex_hmac": "c" * 64}
WINDOW = 14


@pytest.fixture
def steward():
    return UserFactory.create()


@pytest.fixture(autouse=True)
def every_row_is_of_one_patient(tmp_path):
    yield
    told = [line for invariant in OF_IDENTITY for line in invariant.broken(Terms(Storage(tmp_path)))]
    assert told == []


def wanted(source, target, scans, kind=MoveKind.REASSIGN, pseudonym=""):
    return Wanted(kind, source, target, pseudonym, tuple(scan.pk for scan in scans))


def scans_of(patient) -> list[Scan]:
    return list(patient.scans.order_by("acquired_on"))


def sizes(patient) -> list[float]:
    """Of every lesion that the timeline shows, in the order of time."""
    tracks = patient_timeline(patient.pk).tracks
    return sorted(seen.sizes.longest_diameter_mm for track in tracks for seen in track.observations if seen.sizes)


def two(**more):
    one = followed([50.0, 40.0, 60.0], **more)
    return one, followed([21.0, 22.0], team=one.team, days=70)


def test_one_scan_goes_with_its_outline_and_both_trails_tell_of_it(steward):
    one, other = two()
    scan = scans_of(one)[1]
    move = put_under(wanted(one, other, [scan]), steward, WHY, WINDOW)
    scan.refresh_from_db()
    assert (move.state, scan.patient, scan.timepoint.patient) == (MoveState.DONE, other, other)
    assert sizes(one) == [50.0, 60.0] and sizes(other) == [21.0, 22.0]
    assert patient_timeline(other.pk).waiting_outlines == 1, "its lesion has other scans here: it waits to be linked"
    assert len(list(tidy_rows([one.pk]))) and Segmentation.objects.count() == 5 and Scan.objects.count() == 5
    told = AuditEvent.objects.filter(deed="SCAN_REASSIGNED", subject_kind="scan", subject_code=str(scan.code))
    assert {event.patient_code for event in told} == {one.code, other.code}


def test_the_same_again_does_nothing_and_two_at_once_do_it_once(steward):
    one, other = two()
    said = wanted(one, other, scans_of(one)[:1])
    put_under(said, steward, WHY, WINDOW)
    with pytest.raises(MoveRefused, match="E_CONFLICT"):
        put_under(said, steward, WHY, WINDOW)
    assert Move.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_who_move_one_scan_to_two_patients_one_wins(steward):
    one, other = two()
    third = PatientFactory.create(team=one.team)
    scan = scans_of(one)[0]

    def ask(target):
        def asking():
            try:
                return put_under(wanted(one, target, [scan]), steward, WHY, WINDOW).target_id
            except MoveRefused as refusal:
                return refusal.code

        return asking

    answers = at_once(ask(other), ask(third))
    scan.refresh_from_db()
    assert "E_CONFLICT" in answers and scan.patient_id in answers


def test_a_plan_that_was_overtaken_is_looked_at_again(steward):
    one, other = two()
    said = wanted(one, other, scans_of(one)[:1])
    seen = plan_of(said).digest
    signed_reading(scans_of(one)[0].timepoint, UserFactory.create())
    with pytest.raises(MoveRefused, match="E_CONFLICT"):
        put_under(said, steward, WHY, WINDOW, seen)
    assert put_under(said, steward, WHY, WINDOW, plan_of(said).digest).state == MoveState.DONE


def test_what_the_files_speak_against_takes_a_second_steward(steward):
    one, other = two(**KNOWN)
    Patient.objects.filter(pk=other.pk).update(**OTHER)
    scan = scans_of(one)[0]
    one.scans.update(facts=facts(identity=KNOWN))
    said = wanted(Patient.objects.get(pk=one.pk), Patient.objects.get(pk=other.pk), [scan])
    move = put_under(said, steward, WHY, WINDOW)
    assert move.state == MoveState.ASKED and {doubt["code"] for doubt in move.doubts} >= {"Q_WRONG_PATIENT"}
    assert put_under(said, steward, WHY, WINDOW) == move, "asked twice it is one"
    with pytest.raises(MoveRefused, match="E_OWN"):
        decide_move(move, steward, WHY, WINDOW, is_agreed=True)
    with pytest.raises(DatabaseError), transaction.atomic():
        Move.objects.filter(pk=move.pk).update(
            state=MoveState.DONE, decided_by=steward, decided_at=timezone.now(), target=other
        )
    assert scans_of(one)[0] == scan
    done = decide_move(move, UserFactory.create(), WHY, WINDOW, is_agreed=True)
    scan.refresh_from_db()
    assert (done.state, scan.patient_id) == (MoveState.DONE, other.pk)
    with pytest.raises(MoveRefused, match="E_CONFLICT"):
        decide_move(move, UserFactory.create(), WHY, WINDOW, is_agreed=False)
    with pytest.raises(DatabaseError), transaction.atomic():
        Move.objects.filter(pk=move.pk).delete()


def test_refused_nothing_goes(steward):
    one, other = two(**KNOWN)
    Patient.objects.filter(pk=other.pk).update(**OTHER)
    one.scans.update(facts=facts(identity=KNOWN))
    other.refresh_from_db()
    move = put_under(wanted(one, other, scans_of(one)), steward, WHY, WINDOW)
    decide_move(move, UserFactory.create(), "The wrong one.", WINDOW, is_agreed=False)
    assert one.scans.count() == 3 and move.scan_pks


def test_what_was_signed_is_withdrawn_kept_and_offered_again(steward):
    one, other = two()
    first, second, _ = scans_of(one)
    reader, lesion = UserFactory.create(), one.lesions.get()
    gone = signed_reading(second.timepoint, reader, {lesion: 40.0})
    stays = signed_reading(first.timepoint, reader, {lesion: 50.0})
    move = put_under(wanted(one, other, [second]), steward, WHY, WINDOW)
    gone.refresh_from_db()
    stays.refresh_from_db()
    assert (gone.state, stays.state) == (ReadingState.WITHDRAWN, ReadingState.SIGNED)
    assert [row.reading_pk for row in judgements_of(one.pk)] == [stays.pk] and judgements_of(other.pk) == ()
    put_under(back(move), steward, WHY, WINDOW)
    draft = Reading.objects.get(timepoint=gone.timepoint_id, state=ReadingState.DRAFT)
    assert (draft.version, draft.supersedes, draft.patient) == (2, gone, one)
    assert start_reading(gone.timepoint, reader) == draft
    draft.delete()
    assert start_reading(gone.timepoint, reader).version == 2, "a withdrawn version is never begun again"


def test_what_went_comes_back_as_it_was(steward):
    one, other = two()
    before = [sizes(one), sizes(other), len(list(tidy_rows([one.pk])))]
    visits = dict(one.scans.values_list("pk", "timepoint"))
    move = put_under(wanted(one, other, scans_of(one)[1:]), steward, WHY, WINDOW)
    assert sizes(one) == [50.0]
    again = put_under(back(move), steward, WHY, WINDOW)
    assert [sizes(one), sizes(other), len(list(tidy_rows([one.pk])))] == before
    assert dict(one.scans.values_list("pk", "timepoint")) == visits
    assert (again.kind, again.undoes) == (MoveKind.BACK, move)
    with pytest.raises(MoveRefused, match="E_CONFLICT"):
        back(move)


def test_a_new_patient_gets_the_scans_with_their_lesions(steward):
    one = followed([50.0, 40.0, 60.0])
    move = put_under(wanted(one, None, scans_of(one)[1:], MoveKind.SPLIT, "P-NEW"), steward, WHY, WINDOW)
    assert (move.target.pseudonym, move.target.team) == ("P-NEW", one.team)
    assert sizes(one) == [50.0] and sizes(move.target) == [40.0, 60.0], "linked to one another as before"
    with pytest.raises(MoveRefused, match="E_TARGET"):
        put_under(wanted(one, None, scans_of(one), MoveKind.SPLIT, "p-new"), steward, WHY, WINDOW)


def test_identifiers_go_with_the_scans_that_told_them(steward):
    one = followed([50.0, 40.0])
    Patient.objects.filter(pk=one.pk).update(**KNOWN)
    one.refresh_from_db()
    wrong, right = scans_of(one)
    Scan.objects.filter(pk=wrong.pk).update(facts=facts(identity=KNOWN))
    Scan.objects.filter(pk=right.pk).update(facts=facts(identity=OTHER))
    move = put_under(wanted(one, None, scans_of(one)[:1], MoveKind.SPLIT, "P-NEW"), steward, WHY, WINDOW)
    one.refresh_from_db()
    assert one.patient_id_hmac == OTHER["patient_id_hmac"]
    assert move.target.patient_id_hmac == "" or move.target.patient_id_hmac == KNOWN["patient_id_hmac"]
    assert Patient.objects.get(pk=move.target_id).patient_id_hmac == KNOWN["patient_id_hmac"]


def test_two_patients_become_one_with_all_there_is_and_two_again(steward):
    one, other = two()
    lesion = one.lesions.get()
    LesionTreatmentFactory.create(lesion=lesion)
    LabResultFactory.create(patient=one, row_digest="1" * 64)
    LabResultFactory.create(patient=one, row_digest="2" * 64)
    LabResultFactory.create(patient=other, row_digest="2" * 64)
    ClinicalEventFactory.create(patient=one, lesion=lesion)
    before = [what_there_is(one), what_there_is(other)]
    said = wanted(one, other, scans_of(one), MoveKind.MERGE)
    move = put_under(said, steward, WHY, WINDOW)
    one.refresh_from_db()
    assert one.merged_into == other and what_there_is(one) == ([], 0, 0, 0, 0)
    assert what_there_is(other) == ([21.0, 22.0, 40.0, 50.0, 60.0], 2, 2, 2, 1)
    with pytest.raises(MoveRefused, match="E_MERGED"):
        put_under(said, steward, WHY, WINDOW)
    put_under(back(move), steward, WHY, WINDOW)
    one.refresh_from_db()
    assert one.merged_into is None and [what_there_is(one), what_there_is(other)] == before


def what_there_is(patient):
    labs, events = patient.labs.filter(superseded_at=None), patient.events.filter(superseded_at=None)
    counted = (patient.courses.count(), patient.lesions.count(), labs.count(), events.count())
    return (sizes(patient), *counted)


def test_the_same_images_stay_where_they_are_and_are_hidden(steward):
    one, other = two()
    scan = scans_of(one)[0]
    Scan.objects.filter(pk=scans_of(other)[0].pk).update(volume_digest=scan.volume_digest)
    with pytest.raises(MoveRefused, match="E_SAME_IMAGES"):
        put_under(wanted(one, other, [scan]), steward, WHY, WINDOW)
    before = sizes(one)
    move = put_under(wanted(one, other, scans_of(one), MoveKind.MERGE), steward, WHY, WINDOW)
    assert scans_of(one) == [scan] and Scan.objects.get(pk=scan.pk).is_withheld
    put_under(back(move), steward, WHY, WINDOW)
    assert sizes(one) == before and not Scan.objects.get(pk=scan.pk).is_withheld


def test_hidden_with_its_patient_it_stays_hidden_where_it_goes(steward):
    one, other = two()
    withhold(WithheldWhy.INVESTIGATION, one, "Two persons?", steward)
    scan = scans_of(one)[0]
    put_under(wanted(one, other, [scan]), steward, WHY, WINDOW)
    assert Withholding.objects.get(scan=scan).patient == other and sizes(other) == [21.0, 22.0]


@pytest.mark.parametrize("code", ["E_TARGET", "E_SYNTHETIC", "E_NOTHING", "E_REASON", "E_ELSEWHERE"])
def test_what_makes_no_sense_is_refused(code, steward):
    one, other = two()
    kind, scans, reason = MoveKind.REASSIGN, scans_of(one), WHY
    if code == "E_TARGET":
        other = one
    elif code == "E_SYNTHETIC":
        Patient.objects.filter(pk=other.pk).update(is_synthetic=not one.is_synthetic)
        other.refresh_from_db()
    elif code == "E_NOTHING":
        scans = []
    elif code == "E_REASON":
        reason = " x "
    else:
        kind = MoveKind.MERGE
        one.timepoints.create(judged_on="2026-01-01")
    with pytest.raises(MoveRefused, match=code):
        put_under(wanted(one, other, scans, kind), steward, reason, WINDOW)
    assert not Move.objects.exists() and Lesion.objects.filter(patient=one).exists()


def test_the_check_of_stored_rows_finds_a_moved_scan_in_its_place(steward):
    candidate = CandidateFactory.create()
    said = Decision(user=None, window_days=WINDOW, pseudonym="P-1")
    scan = file_candidate(candidate, said)
    other = PatientFactory.create(team=scan.patient.team, is_synthetic=scan.patient.is_synthetic)
    put_under(wanted(scan.patient, other, [scan]), steward, WHY, WINDOW)
    assert list(damaged_rows()) == []
    assert candidate.__class__.objects.get(pk=candidate.pk).patient == other
    with pytest.raises(FilingConflict, match="E_CONFLICT"):
        file_candidate(candidate, said)
