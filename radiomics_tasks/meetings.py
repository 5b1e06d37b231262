"""Which lesion each outline of a scan belongs to, once the two bodies lie on each other."""

from collections.abc import Sequence
from typing import Any

from patients.reads.lesions import LesionKnown, lesions_known
from patients.vocabulary import Organ
from radiomics_tasks.analysis.matching import KnownLesion, Meeting, OutlineFacts, Point, meet
from radiomics_tasks.imaging.body import offset_between_mm


def meetings(patient_pk: int, body: Any, outlines: Sequence[OutlineFacts]) -> list[Meeting]:
    """The meeting of each outline with the patient's lesions, in order; `body` is the new scan's profile.

    Two outlines of one scan never meet the same lesion: then both wait for a person.
    """
    known = [_in_frame_of(body, lesion) for lesion in lesions_known(patient_pk)]
    found = [meet(outline, known) for outline in outlines]
    met = [meeting.lesion_pk for meeting in found if meeting.lesion_pk is not None]
    twice = {pk for pk in met if met.count(pk) > 1}
    wait = Meeting(None, "Two outlines of this scan fit the same lesion: which is which?")
    return [wait if meeting.lesion_pk in twice else meeting for meeting in found]


def _in_frame_of(body: Any, lesion: LesionKnown) -> KnownLesion:
    centroids: list[Point] = []
    for sighting in lesion.sightings:
        shift = offset_between_mm(sighting.body, body) if sighting.body and body else (0.0, 0.0, 0.0)
        x, y, z = sighting.centroid_mm
        centroids.append((x + shift[0], y + shift[1], z + shift[2]))
    return KnownLesion(
        pk=lesion.lesion_pk,
        tracking_uid=lesion.tracking_uid,
        tracking_id=lesion.tracking_id,
        organ=Organ(lesion.organ),
        roi_names=tuple(sorted(lesion.roi_names)),
        centroids=tuple(centroids),
    )
