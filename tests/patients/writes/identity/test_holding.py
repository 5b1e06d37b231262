"""What may be somebody else's waits for a second person: never the sender, once, with a reason, kept for ever."""

import pytest
from django.db import DatabaseError, transaction

from patients.models import Hold, Scan, Withholding
from patients.vocabulary import CandidateState
from patients.words.identity_words import HoldState
from patients.writes.filing import Decision, FilingConflict, file_candidate
from patients.writes.identity.holding import HoldRefused, decide, hold_jump
from patients.writes.lesions import link_outline
from tests.factories import CandidateFactory, LesionFactory, PatientFactory, ScanFactory, SegmentationFactory, facts
from tests.holding import REASON, held, released, steward
from tests.patients.writes.at_once import at_once

KNOWN = {"patient_id_hmac": "a" * 64, "birth_date_hmac": "b" * 64, "sex_hmac": "c" * 64}
OTHER = {**KNOWN, "patient_id_hmac": "f" * 64}


def wrong(owner=None):
    """A series whose patient ID is not that of the patient it is wanted under."""
    candidate = CandidateFactory.create(facts=facts(identity=OTHER), upload__created_by=owner)
    patient = PatientFactory.create(team=candidate.upload.team, **KNOWN)
    return candidate, Decision(user=owner, window_days=14, patient=patient)


@pytest.mark.django_db
def test_it_is_held_once_with_what_differs(owner):
    candidate, said = wrong(owner)
    hold = held(candidate, said)
    assert held(candidate, said) == hold
    assert (hold.state, hold.codes, hold.asked_by) == (HoldState.OPEN, ("Q_WRONG_PATIENT",), owner)
    assert [(row["what"], row["is_same"]) for row in hold.differs] == [
        ("patient ID", False), ("birth date", True), ("sex", True)
    ]  # fmt: skip
    assert not any("f" * 64 in str(row) for row in hold.differs), "hashes are not shown"


@pytest.mark.django_db
def test_whoever_sent_it_or_wanted_it_filed_never_releases_it(owner):
    candidate, said = wrong(owner)
    hold = held(candidate, said)
    with pytest.raises(HoldRefused, match="E_OWN"):
        decide(hold, owner, REASON, is_release=True)
    with pytest.raises(DatabaseError), transaction.atomic():
        Hold.objects.filter(pk=hold.pk).update(decided_by=owner)
    with pytest.raises(FilingConflict, match="Q_WRONG_PATIENT"):
        file_candidate(candidate, said)


@pytest.mark.django_db
@pytest.mark.parametrize("reason", ["", "  ", "ok", "x" * 401])
def test_a_decision_needs_its_reason_in_words(reason):
    candidate, said = wrong()
    with pytest.raises(HoldRefused, match="E_REASON"):
        decide(held(candidate, said), steward(candidate.upload.team), reason, is_release=True)


@pytest.mark.django_db
def test_released_it_is_filed_and_the_decision_is_never_changed():
    candidate, said = wrong()
    hold = released(candidate, said)
    assert file_candidate(candidate, said).patient == said.patient
    with pytest.raises(DatabaseError), transaction.atomic():
        Hold.objects.filter(pk=hold.pk).update(reason="Something else.")
    with pytest.raises(DatabaseError), transaction.atomic():
        Hold.objects.filter(pk=hold.pk).delete()


@pytest.mark.django_db
def test_a_release_for_one_patient_and_doubt_is_none_for_another():
    candidate, said = wrong()
    released(candidate, said)
    second = PatientFactory.create(team=candidate.upload.team, **KNOWN)
    with pytest.raises(FilingConflict, match="Q_WRONG_PATIENT"):
        file_candidate(candidate, Decision(user=None, window_days=14, patient=second))


@pytest.mark.django_db
def test_refused_it_is_declined():
    candidate, said = wrong()
    decide(held(candidate, said), steward(candidate.upload.team), REASON, is_release=False)
    candidate.refresh_from_db()
    assert (candidate.state, Scan.objects.count()) == (CandidateState.DECLINED, 0)


@pytest.mark.django_db
def test_filed_under_the_right_patient_the_hold_is_overtaken():
    candidate, said = wrong()
    hold = held(candidate, said)
    right = PatientFactory.create(team=candidate.upload.team, **OTHER)
    file_candidate(candidate, Decision(user=None, window_days=14, patient=right))
    hold.refresh_from_db()
    assert hold.state == HoldState.OVERTAKEN


@pytest.mark.django_db(transaction=True)
def test_of_two_decisions_at_once_one_wins_and_the_other_is_told():
    candidate, said = wrong()
    hold = held(candidate, said)
    stewards = [steward(candidate.upload.team) for _ in range(4)]

    def decided(who):
        try:
            return decide(hold, who, REASON, is_release=True).state
        except HoldRefused as refusal:
            return refusal.code

    answers = at_once(*[lambda who=who: decided(who) for who in stewards])
    assert sorted(answers) == ["E_CONFLICT"] * 3 + ["RELEASED"]


@pytest.mark.django_db
@pytest.mark.parametrize("same", ["volume_digest", "series_instance_uid", "study_instance_uid"])
def test_images_of_another_patient_put_both_in_question(same):
    there = ScanFactory.create(series_instance_uid="2.25.1", study_instance_uid="2.25.2")
    candidate = CandidateFactory.create(facts=facts(**{same: getattr(there, same)}))
    hold = held(candidate, Decision(user=None, window_days=14, pseudonym="P-9"))
    there.refresh_from_db()
    assert (there.is_withheld, hold.beside) == (True, there)
    assert Withholding.objects.get().patient == there.patient


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("told", "beside", "is_held"),
    [
        ({"size_m": 1.80}, {"size_m": 1.62}, True),
        ({"size_m": 1.80}, {"size_m": 1.76}, False),
        ({"weight_kg": 60}, {"weight_kg": 95}, True),
        ({"weight_kg": 70}, {"weight_kg": 78}, False),
        ({"weight_kg": 70}, {}, False),
    ],
)
def test_another_body_is_held_and_one_that_gained_weight_is_not(told, beside, is_held):
    scan = ScanFactory.create(facts={"physique": beside})
    candidate = CandidateFactory.create(upload__team=scan.patient.team, facts=facts(physique=told))
    said = Decision(user=None, window_days=14, patient=scan.patient)
    if is_held:
        assert held(candidate, said).codes == ("Q_BODY",)
    else:
        assert file_candidate(candidate, said).patient == scan.patient


NUMBERS = {"sop_instance_uids": ["2.25.71", "2.25.72"], "instances": ["1" * 64, "2" * 64]}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("files", "code"), [(["1" * 64, "3" * 64], "Q_IMAGE_NUMBER"), (["1" * 64, "2" * 64], ""), (["1" * 64], "")]
)
def test_one_number_with_other_contents_is_held_and_a_part_sent_again_is_not(files, code):
    scan = ScanFactory.create(facts=NUMBERS)
    candidate = CandidateFactory.create(
        upload__team=scan.patient.team,
        facts=facts(sop_instance_uids=NUMBERS["sop_instance_uids"][: len(files)], instances=files),
    )
    said = Decision(user=None, window_days=14, patient=scan.patient)
    if not code:
        assert file_candidate(candidate, said).patient == scan.patient
        return
    hold = held(candidate, said)
    assert (hold.codes, hold.beside) == ((code,), scan)
    assert ("contents of its images", False) in [(row["what"], row["is_same"]) for row in hold.differs]


@pytest.mark.django_db
def test_the_same_images_in_another_series_of_another_patient_put_both_in_question():
    there = ScanFactory.create(facts=NUMBERS)
    candidate = CandidateFactory.create(facts=facts(**NUMBERS))
    hold = held(candidate, Decision(user=None, window_days=14, pseudonym="P-9"))
    there.refresh_from_db()
    assert (hold.codes, hold.beside, there.is_withheld) == (("Q_UID_OTHER_PATIENT",), there, True)


@pytest.mark.django_db
def test_whoever_linked_an_outline_by_hand_does_not_release_it(owner):
    outline = SegmentationFactory.create(lesion=None)
    lesion = LesionFactory.create(patient=outline.scan.patient)
    linker = steward(lesion.patient.team)
    link_outline(outline, lesion, linker)
    outline.refresh_from_db()
    hold = hold_jump(outline, "It lies 90 mm away.", [])
    with pytest.raises(HoldRefused, match="E_OWN"):
        decide(hold, linker, REASON, is_release=True)
    assert decide(hold, steward(lesion.patient.team), REASON, is_release=False).state == HoldState.REFUSED
