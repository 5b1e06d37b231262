"""The body from outside in: couch, skin, fat, muscle, cage and what fills it, as CT sees it."""

from dataclasses import dataclass

import numpy as np

from radiomics_tasks.imaging.phantom.anatomy.abdomen import paint_abdomen
from radiomics_tasks.imaging.phantom.anatomy.chest import dome_depth, lung_depth, paint_mediastinum
from radiomics_tasks.imaging.phantom.anatomy.enhancement import PORTAL, Enhancement
from radiomics_tasks.imaging.phantom.anatomy.heights import CAGE_A, CAGE_B, at
from radiomics_tasks.imaging.phantom.anatomy.skeleton import paint_ribs, paint_spine, paint_sternum
from radiomics_tasks.imaging.phantom.anatomy.vessels import Vessels, liver_vessels, lung_vessels, paint_vessels
from radiomics_tasks.imaging.phantom.picture.canvas import Canvas, FloatArray, Window

AIR_HU, LUNG_HU, DEPENDENT_LUNG_HU = -1000.0, -865.0, -815.0
FAT_HU, MUSCLE_HU, SKIN_HU = -103.0, 60.0, 20.0


@dataclass(frozen=True)
class Build:
    """One patient's body.

    Attributes
    ----------
    size
        Scale of the body's outline and cage; 1 is a cage of 276 by 184 mm.
    fat_mm
        Subcutaneous fat at the flank.
    muscle_mm
        Muscle outside the ribs at the flank.
    ascites_mm
        Free fluid between the abdominal wall and the organs; they float away from the wall by as much.
    seed
        Makes its vessels and the irregularity of its outlines; the same at every visit.
    """

    size: float = 1.0
    fat_mm: float = 14.0
    muscle_mm: float = 11.0
    seed: int = 1
    ascites_mm: float = 0.0

    @property
    def back_mm(self) -> float:
        """How far behind the middle of the body the table's top lies."""
        return 93 * self.size + 13 + self.muscle_mm + 0.8 * self.fat_mm


def paint_torso(canvas: Canvas, build: Build, bright: Enhancement = PORTAL) -> None:
    """Paint one axial slice of chest or abdomen, without lesions and without noise."""
    canvas.pixels[...] = AIR_HU
    a_mm, b_mm = at(CAGE_A, canvas.z_mm) * build.size, at(CAGE_B, canvas.z_mm) * build.size
    _paint_wall(canvas, build, a_mm, b_mm)
    box = canvas.window(0, 0, a_mm + 12)
    cage = canvas.ellipse_depth(box, 0, 0, a_mm, b_mm)
    canvas.fill(box, cage, FAT_HU)
    paint_ribs(canvas, box, cage)
    domes = dome_depth(canvas, box, -1), dome_depth(canvas, box, 1)
    if canvas.z_mm < -1:
        paint_abdomen(canvas, box, cage, domes, liver_vessels(build.seed), bright, build.ascites_mm)
    _paint_lungs(canvas, box, lung_depth(canvas, box, cage, np.maximum(*domes)), lung_vessels(build.seed))
    paint_mediastinum(canvas, bright)
    paint_spine(canvas, b_mm)
    paint_sternum(canvas, b_mm)


def _paint_wall(canvas: Canvas, build: Build, a_mm: float, b_mm: float) -> None:
    fat, muscle = build.fat_mm, build.muscle_mm
    outer_a, outer_b = a_mm + 9 + muscle + fat, b_mm + 9 + muscle + 0.8 * fat
    box, skin = canvas.ellipse(0, 3, outer_a, outer_b)
    canvas.fill(box, skin, SKIN_HU)
    canvas.fill(box, skin - 2.2, FAT_HU)
    # Strands of connective tissue in the fat, parallel to the skin.
    strands = np.sin(canvas.x[box] * 0.21 + 2 * np.sin(canvas.y[box] * 0.13)) - np.float32(0.93)
    canvas.fill(box, np.minimum(strands * 14, skin - 4), -75.0)
    wall = canvas.ellipse_depth(box, 0, 2, a_mm + 8 + muscle, b_mm + 7 + 0.55 * muscle)
    canvas.fill(box, wall, MUSCLE_HU)
    # A fat plane between the outer and the inner layer of the flank muscles, open in front and behind.
    plane = 0.9 - np.abs(wall - 0.62 * muscle)
    canvas.fill(box, np.minimum(plane, np.abs(canvas.x[box]) - 0.55 * a_mm), -60.0)
    _paint_back_and_breast(canvas, a_mm, b_mm)


def _paint_back_and_breast(canvas: Canvas, a_mm: float, b_mm: float) -> None:
    for side in (-1, 1):
        own, back = canvas.ellipse(side * 34, b_mm + 6, 30, 17, side * 8)
        canvas.fill(own, back, MUSCLE_HU)
        canvas.fill(own, np.float32(0.8) - np.abs(back), -60.0)
        if canvas.z_mm > 20:
            thickness = 10 * min(1.0, (canvas.z_mm - 20) / 40)
            own, breast = canvas.ellipse(side * 62, -b_mm - 2, 52, thickness, side * 24)
            canvas.fill(own, breast, MUSCLE_HU)
            canvas.fill(own, 0.7 - np.abs(breast + 0.8), -70.0)
        if canvas.z_mm > 62:
            own, flesh = canvas.ellipse(side * 0.74 * a_mm, 0.8 * b_mm + 6, 46, 15, -side * 38)
            canvas.fill(own, flesh, MUSCLE_HU - 3)
            own, blade = canvas.ellipse(side * 0.74 * a_mm, 0.8 * b_mm + 6, 36, 4.2, -side * 38)
            canvas.fill(own, blade, 520.0)
            canvas.fill(own, blade - 1.6, 230.0)


def _paint_lungs(canvas: Canvas, box: Window, depth: FloatArray, vessels: Vessels) -> None:
    if not (depth > 0).any():
        return
    # Blood and weight: the back of the lung is denser when the patient lies on it.
    share = np.clip((canvas.y[box] + 80) / 170, 0, 1)
    canvas.fill(box, depth, (LUNG_HU + (DEPENDENT_LUNG_HU - LUNG_HU) * share).astype(np.float32))
    paint_vessels(canvas, vessels, box, depth)


def paint_couch(pixels: FloatArray, x_mm: FloatArray, y_mm: FloatArray, top_mm: float) -> None:
    """The table below the body: a thin curved shell over foam. It does not turn with the body."""
    rows = slice(int(np.searchsorted(y_mm, top_mm - 24)), len(y_mm))
    x, y = x_mm[None, :], y_mm[rows, None]
    upper = y - (top_mm - (x / 200) ** 2 * 22)
    inside = np.minimum(np.minimum(upper, 30 - (y - top_mm)), 182 - np.abs(x))
    part = np.clip(inside / np.float32(1.2) + np.float32(0.5), 0, 1)
    shell = np.clip((np.float32(2.4) - inside) / np.float32(1.0), 0, 1)
    target = pixels[rows]
    target += np.where(target < -950, (-900 + 640 * shell - target) * part, 0)
