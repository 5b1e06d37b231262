"""A lesion that jumps, by more than 50 mm in the body or to its other side, is held: is it another's?"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import dist
from typing import Any

from patients.models import Scan, Segmentation
from patients.reads.lesions import LesionKnown, lesions_known
from patients.vocabulary import Organ
from patients.writes.identity.holding import hold_jump
from patients.writes.locking import patient_locked
from patients.writes.unlinking import set_aside
from radiomics_tasks.analysis.matching import Point
from radiomics_tasks.imaging.body import offset_between_mm

JUMP_MM = 50.0
# Nearer to the middle than this a lesion has no side.
MIDLINE_MM = 15.0
PAIRED = frozenset({Organ.LUNG, Organ.KIDNEY, Organ.ADRENAL, Organ.BREAST})


@dataclass(frozen=True, slots=True)
class Jump:
    """How far a lesion would have moved in the body, and whether to the other side."""

    away_mm: float
    is_other_side: bool

    @property
    def sentence(self) -> str:
        """For whoever decides."""
        side = " and on the other side of the body" if self.is_other_side else ""
        return f"The outline lies {self.away_mm:.0f} mm away from its lesion{side}. Check lesion, side and patient."


def hold_jumps(scan: Scan) -> None:
    """Take the outlines of one scan that jump from their lesions, each held until a second person has looked."""
    linked = list(
        Segmentation.objects.filter(scan=scan, superseded_at=None, lesion__isnull=False).values_list("pk", flat=True)
    )
    if not linked or not _has_body(scan.facts.get("body")):
        return
    lesions = {known.lesion_pk: known for known in lesions_known(scan.patient_id)}
    alike = set(Scan.objects.filter(patient=scan.patient_id, modality=scan.modality).values_list("pk", flat=True))
    with patient_locked(scan.patient_id):
        if not Scan.objects.filter(pk=scan.pk, patient=scan.patient_id).exists():
            return  # put under another patient meanwhile: it is asked again there
        for outline in Segmentation.objects.select_related("scan__patient", "lesion").filter(pk__in=linked):
            known = lesions.get(outline.lesion_id or 0)
            found = jump_of(outline, known, scan.facts["body"], alike) if known else None
            if found and outline.superseded_at is None and hold_jump(outline, found.sentence, _differs(found)):
                set_aside(outline, found.sentence)


def jump_of(
    outline: Segmentation, lesion: LesionKnown, body: Mapping[str, Sequence[float]], scan_pks: set[int]
) -> Jump | None:
    """How an outline lies beside the outlines of its lesion on these other scans; None where it has not jumped.

    Only scans that show the body are asked, since the table and the field of view move, too.
    """
    if not outline.centroid_mm:
        return None
    here = (outline.centroid_mm[0], outline.centroid_mm[1], outline.centroid_mm[2])
    there = [
        _moved(seen.centroid_mm, seen.body, body)
        for seen in lesion.sightings
        if seen.scan_pk != outline.scan_id and seen.scan_pk in scan_pks and _has_body(seen.body)
    ]
    if not there:
        return None
    nearest = min(there, key=lambda place: dist(here, place))
    is_other_side = lesion.organ in PAIRED and _side(here, body) * _side(nearest, body) < 0
    away_mm = dist(here, nearest)
    return Jump(away_mm, is_other_side) if away_mm > JUMP_MM or is_other_side else None


def _moved(place: Point, earlier: Any, body: Mapping[str, Sequence[float]]) -> Point:
    dx, dy, dz = offset_between_mm(earlier, body)
    return place[0] + dx, place[1] + dy, place[2] + dz


def _side(place: Point, body: Mapping[str, Sequence[float]]) -> int:
    """-1 right, 1 left of the middle of the body at this height (LPS), 0 too near to it to tell."""
    nearest = min(range(len(body["z_mm"])), key=lambda k: abs(body["z_mm"][k] - place[2]))
    x_mm = place[0] - body["x_mm"][nearest]
    return 0 if abs(x_mm) < MIDLINE_MM else (1 if x_mm > 0 else -1)


def _has_body(body: Any) -> bool:
    return bool(body and len(body.get("z_mm", ())))


def _differs(found: Jump) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = [
        {"what": "place in the body", "here": f"{found.away_mm:.0f} mm away", "there": "nearest outline of the lesion",
         "is_same": False}
    ]  # fmt: skip
    if found.is_other_side:
        rows.append({"what": "side of the body", "here": "other side", "there": "side of the lesion", "is_same": False})
    return rows
