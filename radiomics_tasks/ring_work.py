"""Which rings of a scan are still to be taken, or to be taken again since the lesions around have changed."""

from dataclasses import dataclass

from django.conf import settings

from patients.models import Scan, Segmentation
from patients.reads.scans.rings import RINGS, outlines_with_rings
from radiomics_tasks.extraction.build import build_of
from radiomics_tasks.extraction.profiles import Profile
from radiomics_tasks.imaging.ring import ring_context


@dataclass(frozen=True, slots=True)
class RingWork:
    """One outline whose rings are wanted: the outlines of the other lesions, and the digest of all that decides."""

    outline: Segmentation
    organ: str
    others: tuple[Segmentation, ...]
    context: str


def rings_to_take(scan: Scan, profile: Profile) -> list[RingWork]:
    """The current, linked outlines of one scan without rings by this build, under this profile and in this company.

    Outlines that wait for their lesion have no rings and take nothing from others': they may show the same lesion.
    """
    outlines = outlines_with_rings(scan.pk, build_of(settings.ENGINE).digest, profile.digest)
    wanted = []
    for row, taken in outlines:
        others = tuple(other for other, _ in outlines if other.lesion_id != row.lesion_id)
        organ = row.lesion.organ if row.lesion else ""
        context = ring_context(organ, [other.mask_digest for other in others])
        if set(taken) != RINGS or set(taken.values()) != {context}:
            wanted.append(RingWork(row, organ, others, context))
    return wanted
