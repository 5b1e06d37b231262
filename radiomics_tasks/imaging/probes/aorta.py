"""The descending aorta of a CT: a round, even tube left of or before the spine, followed over 25 mm or not believed."""

from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt
from scipy import ndimage

from radiomics_tasks.imaging.probes.coarse import Coarse
from radiomics_tasks.imaging.probes.discs import Disc, discs_of

BONE_HU = 160.0
# The strip behind the body's middle in which the spine is looked for: its half-width.
SPINE_ASIDE_MM = 40.0
# Where a vessel is looked for at all, from the body's middle: to the left (the right is less) and to the back.
SEEN_LEFT_MM, SEEN_BACK_MM = (-25.0, 65.0), (-40.0, 85.0)
LEAST_BONE_MM2 = 400.0
# Where the aorta may lie from the middle of the spine's bone: to the left, and to the front.
LEFT_MM, FRONT_MM = (-8.0, 48.0), (8.0, 75.0)
# Below the lungs psoas and kidney lie at the spine's side: there only what lies before it counts.
LOW_LEFT_MM, LOW_FRONT_MM = (-8.0, 26.0), (18.0, 75.0)
LEAST_LUNG_MM2 = 3000.0
STEP_ASIDE_MM, STEP_HU = 5.0, 18.0
# Bone lies before the spinal canal, never before the aorta: a strip this wide and deep tells them apart.
STRIP_ASIDE_MM, STRIP_DEPTH_MM, BONE_BEYOND_HU, LARGEST_BONE_RATIO = 5.0, 28.0, 70.0, 0.2
LEAST_LENGTH_MM, LEAST_SLICES = 25.0, 4
LARGEST_SPREAD_HU = 12.0
# Blood is brighter than what else is round beside the spine (gullet, crus, muscle), but for a native scan.
ALIKE_HU, NEARLY_AS_GOOD, POSSIBLE = 20.0, 1 / 1.6, 1 / 3


@dataclass(frozen=True, slots=True)
class Sample:
    """A value, and where it was taken (LPS, mm)."""

    value: float
    where_mm: tuple[float, float, float]


def aorta_of(scan: Coarse) -> Sample | str:
    """Mean HU of the aorta, or the sentence that says why it could not be found."""
    discs = [_discs(scan, k) for k in range(len(scan.array))]
    if not any(spine for spine, _ in discs):
        return "No spine was found, beside which the aorta would lie."
    tracks = [track for track in _tracks([found for _, found in discs], scan) if _is_long(track, scan)]
    if not tracks:
        return "No round, even vessel was found beside the spine over 25 mm."
    best = max(tracks, key=_weight)
    weight = _weight(best)
    clearer = [track for track in tracks if _mean_hu(track) > _mean_hu(best) + ALIKE_HU]
    good = [track for track in clearer if _weight(track) >= NEARLY_AS_GOOD * weight]
    best = max(good, key=_weight, default=best)
    mean_hu = _mean_hu(best)
    brighter = [track for track in tracks if _mean_hu(track) > mean_hu + ALIKE_HU]
    if any(_weight(track) >= POSSIBLE * weight for track in brighter):
        return "Two tubes beside the spine could be the aorta."
    if float(np.std([disc.mean_hu for disc in best])) > LARGEST_SPREAD_HU:
        return "The vessel beside the spine is not even along its length."
    middle = best[len(best) // 2]
    return Sample(mean_hu, scan.place_mm(middle.k, middle.j, middle.i))


def _mean_hu(track: list[Disc]) -> float:
    return float(np.mean([disc.mean_hu for disc in track]))


def _weight(track: list[Disc]) -> float:
    """Long tracks of wide, well bounded discs weigh most."""
    return sum((disc.apart - 0.4) * disc.radius_mm for disc in track)


def _is_long(track: list[Disc], scan: Coarse) -> bool:
    length_mm = (track[-1].k - track[0].k + 1) * scan.step_mm[0]
    return len(track) >= LEAST_SLICES and length_mm >= LEAST_LENGTH_MM


def _discs(scan: Coarse, k: int) -> tuple[bool, list[Disc]]:
    """Whether a slice shows a spine, and the spots that may be the aorta beside it."""
    middle = scan.middle_ji[k]
    if np.isnan(middle).any():
        return False, []
    step = scan.step_mm[1]
    rows, columns = np.indices(scan.array.shape[1:])
    aside, back = (columns - middle[1]) * step, (rows - middle[0]) * step
    near = (aside > SEEN_LEFT_MM[0]) & (aside < SEEN_LEFT_MM[1]) & (back > SEEN_BACK_MM[0]) & (back < SEEN_BACK_MM[1])
    found = discs_of(scan.array[k], near & scan.body[k], k, step)
    spine = _spine_ji(scan, k, (np.abs(aside) < SPINE_ASIDE_MM) & (back > 0), found)
    if spine is None:
        return False, []
    has_lung = scan.lung[k].sum() * step * scan.step_mm[2] > LEAST_LUNG_MM2
    left_mm, front_mm = (LEFT_MM, FRONT_MM) if has_lung else (LOW_LEFT_MM, LOW_FRONT_MM)
    return True, [
        disc
        for disc in found
        if left_mm[0] <= (disc.i - spine[1]) * step <= left_mm[1]
        and front_mm[0] <= (spine[0] - disc.j) * step <= front_mm[1]
        and not _has_bone_before(scan, disc)
    ]


def _has_bone_before(scan: Coarse, disc: Disc) -> bool:
    step = scan.step_mm[1]
    front = disc.j - round(disc.radius_mm / step)
    rows = slice(max(0, front - round(STRIP_DEPTH_MM / step)), max(0, front))
    aside = round(STRIP_ASIDE_MM / step)
    strip = scan.array[disc.k, rows, disc.i - aside : disc.i + aside + 1]
    return bool(strip.size) and float(np.mean(strip > disc.mean_hu + BONE_BEYOND_HU)) > LARGEST_BONE_RATIO


def _spine_ji(scan: Coarse, k: int, box: npt.NDArray[np.bool_], discs: list[Disc]) -> tuple[float, float] | None:
    """Middle of the bone behind the body's middle; vessels as bright as bone are taken out first."""
    bone = scan.body[k] & box & (scan.array[k] > BONE_HU)
    rows, columns = np.indices(bone.shape)
    for disc in discs:
        away_mm = np.hypot(rows - disc.j, columns - disc.i) * scan.step_mm[1]
        bone &= away_mm > disc.radius_mm + 2 * scan.step_mm[1]
    labelled, count = ndimage.label(bone, np.ones((3, 3)))
    if not count:
        return None
    sizes = np.bincount(labelled.ravel())[1:]
    if sizes.sum() * scan.step_mm[1] * scan.step_mm[2] < LEAST_BONE_MM2:
        return None
    places = np.argwhere(bone)
    return float(np.median(places[:, 0])), float(np.median(places[:, 1]))


def _tracks(discs: list[list[Disc]], scan: Coarse) -> list[list[Disc]]:
    """Spots of neighbouring slices strung together, each to the nearest alike; a slice may be left out once."""
    open_tracks: list[list[Disc]] = []
    closed: list[list[Disc]] = []
    for k, found in enumerate(discs):
        waiting = list(found)
        for track in list(open_tracks):
            last = track[-1]
            near = [disc for disc in waiting if _continues(last, disc, scan)]
            if near:
                chosen = min(near, key=partial(_aside, last))
                track.append(chosen)
                waiting.remove(chosen)
            elif k - last.k > 1:
                open_tracks.remove(track)
                closed.append(track)
        open_tracks += [[disc] for disc in waiting]
    return closed + open_tracks


def _continues(last: Disc, disc: Disc, scan: Coarse) -> bool:
    return _aside(last, disc) * scan.step_mm[1] <= STEP_ASIDE_MM and abs(disc.mean_hu - last.mean_hu) <= STEP_HU


def _aside(last: Disc, disc: Disc) -> float:
    return float(np.hypot(disc.j - last.j, disc.i - last.i))
