"""An outline meets its lesion by tracking UID, else by name with organ and place, else it waits."""

import pytest

from patients.vocabulary import Organ
from radiomics_tasks.analysis.matching import KnownLesion, OutlineFacts, Point, meet

LIVER = KnownLesion(1, "2.25.1", "liver 1", Organ.LIVER, ("GTV_1",), ((0.0, 0.0, 0.0), (10.0, 0.0, 0.0)))
LUNG = KnownLesion(2, "2.25.2", "lung 1", Organ.LUNG, ("GTV_1",), ((0.0, 0.0, 300.0),))


def outline(
    name: str = "gtv 1", uid: str = "", organ: Organ | None = None, at: Point = (0.0, 0.0, 0.0)
) -> OutlineFacts:
    return OutlineFacts(name, uid, organ, at)


def test_the_tracking_uid_decides_whatever_name_and_place_say() -> None:
    meeting = meet(outline("other", "2.25.2", Organ.LIVER), [LIVER, LUNG])
    assert (meeting.lesion_pk, meeting.why) == (2, "Same tracking UID as lung 1")


def test_an_empty_tracking_uid_meets_nobody() -> None:
    nameless = KnownLesion(3, "", "x", Organ.OTHER, (), ())
    assert meet(outline("other"), [nameless]).lesion_pk is None


def test_a_remembered_name_at_the_same_place() -> None:
    meeting = meet(outline(at=(10.0, 12.0, 0.0)), [LIVER, LUNG])
    assert (meeting.lesion_pk, meeting.why) == (1, "Named “gtv 1” as before, 12 mm from liver 1")


@pytest.mark.parametrize(("away", "lesion_pk"), [(30.0, 1), (30.1, None)])
def test_the_place_is_right_within_30_mm(away: float, lesion_pk: int | None) -> None:
    assert meet(outline(at=(10.0 + away, 0.0, 0.0)), [LIVER]).lesion_pk == lesion_pk


def test_the_organ_tells_two_lesions_of_one_name_apart() -> None:
    near = KnownLesion(4, "2.25.4", "spleen 1", Organ.SPLEEN, ("GTV_1",), ((5.0, 0.0, 0.0),))
    assert meet(outline(organ=Organ.SPLEEN), [LIVER, near]).lesion_pk == 4


def test_two_candidates_wait_for_a_person() -> None:
    near = KnownLesion(4, "2.25.4", "liver 2", Organ.LIVER, ("GTV-1",), ((5.0, 0.0, 0.0),))
    meeting = meet(outline(), [LIVER, near])
    assert meeting.lesion_pk is None
    assert meeting.why == "Name and place fit liver 1 and liver 2: which lesion is this?"


def test_the_lesions_own_name_is_remembered_too() -> None:
    assert meet(outline("LIVER-1"), [LIVER]).lesion_pk == 1


def test_a_right_name_in_another_organ_waits() -> None:
    meeting = meet(outline(organ=Organ.BONE), [LIVER])
    assert meeting.lesion_pk is None
    assert "in another organ (Bone)" in meeting.why


def test_a_right_name_without_a_known_place_waits() -> None:
    unplaced = KnownLesion(5, "2.25.5", "liver 3", Organ.LIVER, ("gtv 1",), ())
    meeting = meet(outline(), [unplaced])
    assert meeting.lesion_pk is None
    assert "is not known" in meeting.why


@pytest.mark.parametrize(
    ("name", "why"),
    [("new", "The name “new” is new for this patient"), (" ", "The outline has no name")],
)
def test_what_was_never_seen_waits(name: str, why: str) -> None:
    meeting = meet(outline(name), [LIVER])
    assert meeting.lesion_pk is None
    assert meeting.why == f"{why}: which lesion is this?"
