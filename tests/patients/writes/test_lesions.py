"""Outlines and their lesions: opened on the first scan, met by tracking UID later, else waiting for a person."""

from datetime import timedelta

import pytest

from patients.models import Lesion, Patient, Scan, Segmentation
from patients.vocabulary import LesionRole, Organ
from patients.writes import lesions
from patients.writes.lesions import LesionRefused, link_outline, open_lesion, revise_lesion, store_outlines
from patients.writes.roles import proposed_role
from tests.factories import (
    BASELINE_ON,
    LesionFactory,
    PatientFactory,
    ScanFactory,
    SegmentationFactory,
    TimepointFactory,
    digest_of,
    outline,
)
from tests.patients.writes.at_once import at_once

pytestmark = pytest.mark.django_db


def next_scan(patient: Patient, days: int = 56) -> Scan:
    return ScanFactory.create(
        timepoint=TimepointFactory.create(patient=patient), acquired_on=BASELINE_ON + timedelta(days)
    )


def roles(patient: Patient) -> list[str]:
    return [lesion.role for lesion in patient.lesions.all()]


def waiting(scan: Scan, **changed) -> Segmentation:
    return SegmentationFactory.create(scan=scan, lesion=None, **changed)


def refuses(code: str, act) -> None:
    with pytest.raises(LesionRefused) as refusal:
        act()
    assert refusal.value.code == code


def test_on_the_first_scan_each_outline_opens_its_lesion(owner):
    scan = ScanFactory.create()
    node = outline("node", organ=Organ.LYMPH_NODE.value, tracking_uid="2.25.5", tracking_id="LN 1")
    store_outlines(scan, [node, outline("", tracking_id="", organ="")], owner)
    first, second = scan.patient.lesions.all()
    assert (first.tracking_id, first.tracking_uid, first.is_node, first.created_by) == ("LN 1", "2.25.5", True, owner)
    assert (second.tracking_id, second.organ, second.is_node) == ("other", Organ.OTHER, False)
    assert second.tracking_uid.startswith("2.25.")
    assert {row.linked_why for row in scan.segmentations.all()} == {"Opened on the patient's first scan"}


def test_five_targets_and_two_in_one_organ_are_proposed():
    scan = ScanFactory.create()
    organs = [Organ.LIVER] * 3 + [Organ.LUNG] * 3 + [Organ.BRAIN, Organ.BONE]
    store_outlines(scan, [outline(f"{organ} {n}", organ=organ.value) for n, organ in enumerate(organs)], None)
    target, other = LesionRole.TARGET, LesionRole.NON_TARGET
    assert roles(scan.patient) == [target, target, other, target, target, other, target, other]


def test_equal_names_on_the_first_scan_are_two_lesions():
    scan = ScanFactory.create()
    store_outlines(scan, [outline("GTV", mask_digest=digest_of(n)) for n in range(3)], None)
    assert [lesion.tracking_id for lesion in scan.patient.lesions.all()] == ["GTV", "GTV 2", "GTV 3"]


def test_outlines_that_come_after_the_first_scan_itself_open_its_lesions_too():
    scan = ScanFactory.create()
    store_outlines(scan, [outline("liver 1")], None)
    assert scan.patient.lesions.count() == 1
    store_outlines(scan, [outline("liver 2")], None)
    assert scan.patient.lesions.count() == 1
    assert scan.segmentations.get(lesion=None).roi_name == "liver 2"


def test_on_a_later_scan_an_outline_meets_its_lesion_by_tracking_uid_whatever_its_name():
    lesion = LesionFactory.create(tracking_uid="2.25.5")
    next_scan(lesion.patient, 0)
    scan = next_scan(lesion.patient)
    store_outlines(scan, [outline("renamed", tracking_uid="2.25.5")], None)
    row = scan.segmentations.get()
    assert row.lesion == lesion
    assert row.linked_why == f"Same tracking UID as {lesion.tracking_id}"


def test_on_a_later_scan_an_unknown_outline_waits_and_opens_nothing():
    patient = PatientFactory.create()
    next_scan(patient, 0)
    store_outlines(next_scan(patient), [outline("liver 1", tracking_uid="2.25.99")], None)
    assert Segmentation.objects.get().lesion is None
    assert not patient.lesions.exists()


def test_a_tracking_uid_of_another_patient_is_not_met():
    LesionFactory.create(tracking_uid="2.25.5")
    patient = PatientFactory.create()
    next_scan(patient, 0)
    store_outlines(next_scan(patient), [outline(tracking_uid="2.25.5")], None)
    assert Segmentation.objects.get().lesion is None


def test_two_outlines_with_one_tracking_uid_both_wait():
    scan = ScanFactory.create()
    both = [outline(name, tracking_uid="2.25.5") for name in ("part 1", "part 2")]
    store_outlines(scan, both, None)
    assert [row.lesion for row in scan.segmentations.all()] == [None, None]
    assert "which is which?" in scan.segmentations.all()[0].linked_why


def test_what_has_a_problem_is_left_out_and_said_and_what_is_there_is_kept_once():
    scan = ScanFactory.create()
    bad = outline("bad", mask_file="", problems=[{"code": "E_MASK_SIZE", "sentence": "Mask 2×2×2, scan 3×3×3."}])
    for _ in range(2):
        answer = store_outlines(scan, [bad, outline("good")], None, confirmed=["E_MASK_SIZE"])
        assert [len(found["problems"]) for found in answer] == [1, 0]
    assert [row.roi_name for row in scan.segmentations.all()] == ["good"]


def test_the_mask_of_another_date_is_left_out_until_somebody_looked():
    lesion = LesionFactory.create()
    first, scan = next_scan(lesion.patient, 0), next_scan(lesion.patient)
    SegmentationFactory.create(scan=first, lesion=lesion, mask_digest=digest_of("same"))
    again = outline(mask_digest=digest_of("same"))
    (told,) = store_outlines(scan, [again], None)
    assert told["problems"][0]["sentence"].startswith("This is the same mask as on 8 Jan 2024.")
    assert not scan.segmentations.exists()
    store_outlines(scan, [again], None, confirmed=["Q_MASK_REUSED"])
    assert scan.segmentations.count() == 1


def test_a_newer_outline_supersedes_and_the_older_is_kept_with_who_and_when(owner):
    lesion = LesionFactory.create(tracking_uid="2.25.5")
    old = SegmentationFactory.create(scan=next_scan(lesion.patient), lesion=lesion)
    store_outlines(old.scan, [outline("liver 1", tracking_uid="2.25.5")], owner)
    old.refresh_from_db()
    new = Segmentation.objects.get(superseded_at=None)
    assert (old.superseded_by, old.lesion, new.lesion) == (new, new.lesion, old.lesion)
    assert old.superseded_at is not None
    assert new.created_by == owner


def test_a_person_links_a_waiting_outline_once(owner):
    lesion = LesionFactory.create()
    row = waiting(next_scan(lesion.patient))
    assert link_outline(row, lesion, owner)
    assert not link_outline(row, LesionFactory.create(patient=lesion.patient), owner)
    row.refresh_from_db()
    assert (row.lesion, row.linked_why) == (lesion, "Linked by owner")


def test_a_lesion_of_another_patient_is_refused():
    row = waiting(ScanFactory.create())
    refuses("E_PATIENT", lambda: link_outline(row, LesionFactory.create(), None))
    row.refresh_from_db()
    assert row.lesion is None


def test_the_worker_comes_too_late_where_a_person_was_faster():
    lesion = LesionFactory.create()
    row = waiting(next_scan(lesion.patient))
    assert lesions.let_meet(row, None, "The name is new: which lesion is this?")
    row.refresh_from_db()
    assert (row.lesion, row.linked_why) == (None, "The name is new: which lesion is this?")
    link_outline(row, lesion, None)
    assert not lesions.let_meet(row, LesionFactory.create(patient=lesion.patient).pk, "Named as before")
    row.refresh_from_db()
    assert row.lesion == lesion


def opened(row: Segmentation, name: str = "liver 9", organ: Organ = Organ.LIVER, role=LesionRole.TARGET) -> Lesion:
    return open_lesion(row, name, organ, is_node=False, role=role, user=None)


def test_a_person_opens_a_lesion_under_the_outlines_own_tracking_uid():
    row = waiting(ScanFactory.create(), tracking_uid="2.25.5")
    lesion = opened(row, " liver 9 ")
    row.refresh_from_db()
    assert (row.lesion, lesion.tracking_id, lesion.tracking_uid) == (lesion, "liver 9", "2.25.5")
    refuses("E_CONFLICT", lambda: opened(row, "again"))


def test_a_tracking_uid_that_is_taken_is_replaced_by_a_new_one():
    known = LesionFactory.create(tracking_uid="2.25.5")
    lesion = opened(waiting(next_scan(known.patient), tracking_uid="2.25.5"))
    assert lesion.tracking_uid != "2.25.5"


@pytest.mark.parametrize("name", ["", "  ", "x" * 65, "taken"])
def test_a_lesion_needs_a_name_of_its_own(name):
    known = LesionFactory.create(tracking_id="taken")
    row = waiting(next_scan(known.patient))
    refuses("E_NAME", lambda: opened(row, name))
    row.refresh_from_db()
    assert row.lesion is None


def test_lymph_nodes_wherever_they_lie_are_one_organ():
    scan = next_scan(PatientFactory.create())

    def node(name: str, organ: Organ) -> Lesion:
        return open_lesion(waiting(scan), name, organ, is_node=True, role=LesionRole.TARGET, user=None)

    node("hilar node", Organ.LUNG)
    node("neck node", Organ.LYMPH_NODE)
    refuses("E_TARGETS", lambda: node("portal node", Organ.LIVER))
    assert proposed_role(scan.patient, Organ.LYMPH_NODE, scan) is LesionRole.NON_TARGET
    opened(waiting(scan), "lung 1", Organ.LUNG)
    opened(waiting(scan), "lung 2", Organ.LUNG)


def test_a_sixth_target_and_a_third_in_one_organ_are_refused():
    patient = PatientFactory.create()
    scan = next_scan(patient)
    for n, organ in enumerate([Organ.LIVER, Organ.LIVER, Organ.LUNG, Organ.LUNG]):
        opened(waiting(scan), f"lesion {n}", organ)
    refuses("E_TARGETS", lambda: opened(waiting(scan), "third in the liver"))
    fifth = opened(waiting(scan), "fifth", Organ.BONE)
    refuses("E_TARGETS", lambda: opened(waiting(scan), "sixth", Organ.BRAIN))
    opened(waiting(scan), "sixth", Organ.BRAIN, LesionRole.NON_TARGET)
    assert revise_lesion(fifth, "fifth", Organ.BONE, is_node=False, role=LesionRole.TARGET).role == LesionRole.TARGET
    refuses("E_TARGETS", lambda: revise_lesion(fifth, "f", Organ.LIVER, is_node=False, role=LesionRole.TARGET))


def test_what_is_said_of_a_lesion_is_corrected_and_its_tracking_uid_stays():
    lesion = LesionFactory.create()
    changed = revise_lesion(lesion, "node 1", Organ.LYMPH_NODE, is_node=True, role=LesionRole.NON_TARGET)
    lesion.refresh_from_db()
    assert (lesion.tracking_id, lesion.organ, lesion.is_node) == ("node 1", Organ.LYMPH_NODE, True)
    assert (changed.role, changed.tracking_uid) == (LesionRole.NON_TARGET, lesion.tracking_uid)


def attempt(act) -> str:
    try:
        act()
    except LesionRefused as refusal:
        return refusal.code
    return "done"


@pytest.mark.django_db(transaction=True)
def test_targets_opened_at_once_stay_within_the_limit():
    scan = ScanFactory.create()
    rows = [waiting(scan) for _ in range(6)]
    said = at_once(*[lambda n=n, row=row: attempt(lambda: opened(row, f"liver {n}")) for n, row in enumerate(rows)])
    assert sorted(said) == ["E_TARGETS"] * 4 + ["done"] * 2
    assert Lesion.objects.count() == 2


@pytest.mark.django_db(transaction=True)
def test_two_outlines_linked_to_one_lesion_at_once_leave_one_current():
    lesion = LesionFactory.create()
    scan = next_scan(lesion.patient)
    rows = [waiting(scan) for _ in range(4)]
    assert all(at_once(*[lambda row=row: link_outline(row, lesion, None) for row in rows]))
    assert scan.segmentations.filter(lesion=lesion, superseded_at=None).count() == 1
    assert scan.segmentations.filter(lesion=lesion, superseded_by__isnull=False).count() == 3


@pytest.mark.parametrize("name", [" ", "liver\n1", "\x1b[31mliver", "\u202e1 revil", "\u200b", "\u3164", "x" * 65])
def test_a_lesion_has_a_name_that_can_be_read(name):
    row = waiting(ScanFactory.create())
    refuses("E_NAME", lambda: opened(row, name))
    known = LesionFactory.create()
    refuses("E_NAME", lambda: revise_lesion(known, name, Organ.LIVER, is_node=False, role=LesionRole.TARGET))


def test_a_lesion_is_not_opened_under_a_files_name_that_cannot_be_read():
    scan = ScanFactory.create()
    store_outlines(scan, [outline("liver a", tracking_id="\u202e1"), outline("\u200b", tracking_id="\u200b")], None)
    assert [lesion.tracking_id for lesion in scan.patient.lesions.all()] == ["liver a", "liver"]
