"""Which lesion each outline of a scan belongs to, once the two bodies lie on each other."""

from collections.abc import Sequence
from typing import Any

from patients.reads.lesions import LesionKnown, lesions_known
from patients.vocabulary import Organ
from radiomics_tasks.analysis.matching import KnownLesion, Meeting, OutlineFacts, Point, meet
from radiomics_tasks.imaging.body import offset_between_mm

WHICH_IS_WHICH = Meeting(None, "Two outlines of this scan fit the same lesion: which is which?")


def meetings(patient_pk: int, body: Any, outlines: Sequence[OutlineFacts]) -> list[Meeting]:
    """The meeting of each outline with the patient's lesions, in order; `body` is the new scan's profile.

    Two outlines of one scan never meet the same lesion: then both wait for a person, unless one of them alone
    has the lesion's tracking UID.
    """
    if not outlines:
        return []
    lesions = lesions_known(patient_pk)
    shifts = _shifts(body, lesions)
    known = [_in_this_frame(lesion, shifts) for lesion in lesions]
    found = [meet(outline, known) for outline in outlines]
    uids = {lesion.lesion_pk: lesion.tracking_uid for lesion in lesions}
    return [
        WHICH_IS_WHICH if _is_one_of_two(place, found, outlines, uids) else meeting
        for place, meeting in enumerate(found)
    ]


def _is_one_of_two(
    place: int, found: Sequence[Meeting], outlines: Sequence[OutlineFacts], uids: dict[int, str]
) -> bool:
    lesion_pk = found[place].lesion_pk
    rivals = [other for other, meeting in enumerate(found) if meeting.lesion_pk == lesion_pk]
    if lesion_pk is None or len(rivals) == 1:
        return False
    return [other for other in rivals if outlines[other].tracking_uid == uids[lesion_pk]] != [place]


def _shifts(body: Any, lesions: Sequence[LesionKnown]) -> dict[int, Point]:
    """What brings each earlier scan's body onto this one, worked out once a scan."""
    bodies = {seen.scan_pk: seen.body for lesion in lesions for seen in lesion.sightings}
    unmoved = (0.0, 0.0, 0.0)
    return {pk: offset_between_mm(earlier, body) if earlier and body else unmoved for pk, earlier in bodies.items()}


def _in_this_frame(lesion: LesionKnown, shifts: dict[int, Point]) -> KnownLesion:
    centroids: list[Point] = []
    for seen in lesion.sightings:
        (x, y, z), (dx, dy, dz) = seen.centroid_mm, shifts[seen.scan_pk]
        centroids.append((x + dx, y + dy, z + dz))
    return KnownLesion(
        pk=lesion.lesion_pk,
        tracking_uid=lesion.tracking_uid,
        tracking_id=lesion.tracking_id,
        organ=Organ(lesion.organ),
        roi_names=tuple(sorted(lesion.roi_names)),
        centroids=tuple(centroids),
    )
