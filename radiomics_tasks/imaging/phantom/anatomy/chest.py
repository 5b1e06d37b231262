"""Lungs between cage, mediastinum and diaphragm; heart, great vessels and airways."""

import math

import numpy as np

from radiomics_tasks.imaging.phantom.anatomy.enhancement import Enhancement
from radiomics_tasks.imaging.phantom.anatomy.heights import LEFT_LOBE_A, LEFT_LOBE_B, Table, at
from radiomics_tasks.imaging.phantom.anatomy.skeleton import spine_y_mm
from radiomics_tasks.imaging.phantom.picture.canvas import Canvas, FloatArray, Window

HEART_BOTTOM_MM, HEART_TOP_MM = -26.0, 82.0
HEART_A: Table = ((-35, -20, 0, 25, 55, 72, 84), (18, 44, 60, 64, 55, 38, 2))
HEART_B: Table = ((-35, -20, 0, 25, 55, 72, 84), (12, 30, 44, 49, 42, 30, 2))
# Half-width of the mediastinum above the heart.
MIDDLE_A: Table = ((-80, 0, 40, 75, 100, 130, 160), (14, 14, 18, 30, 34, 36, 32))


def dome_depth(canvas: Canvas, box: Window, side: int) -> FloatArray:
    """Signed distance below the diaphragm: side -1 is the patient's right, whose dome stands higher."""
    top_mm, x_mm = (0.0, -68.0) if side < 0 else (-14.0, 70.0)
    below_mm = top_mm - canvas.z_mm
    if below_mm <= 0:
        return np.full(canvas.x[box].shape, -99, dtype=np.float32)
    share = math.sqrt(min(below_mm / 66.0, 2.0))
    depth = canvas.ellipse_depth(box, x_mm, -8 + 2 * share, 82 * share, 82 * share)
    if side < 0 and below_mm > 10:
        # The left lobe lifts the middle of the diaphragm.
        size = at(LEFT_LOBE_A, canvas.z_mm) + 5, at(LEFT_LOBE_B, canvas.z_mm) + 5
        canvas.raise_to(depth, box, 6, -44, *size, -8)
    return depth


def lung_depth(canvas: Canvas, box: Window, cage: FloatArray, domes: FloatArray) -> FloatArray:
    """Signed distance into either lung; `domes` is the signed distance below the diaphragm."""
    y_back = spine_y_mm(canvas.z_mm)
    walls = domes.copy()
    canvas.raise_to(walls, box, 0, -6, at(MIDDLE_A, canvas.z_mm), y_back + 30)
    canvas.raise_to(walls, box, 0, y_back, 24, 20)
    canvas.raise_to(walls, box, 26, y_back - 14, 14, 14)
    if HEART_BOTTOM_MM < canvas.z_mm < HEART_TOP_MM:
        size = at(HEART_A, canvas.z_mm) + 4, at(HEART_B, canvas.z_mm) + 4
        canvas.raise_to(walls, box, 18, -34, *size, 28)
    depth: FloatArray = np.minimum(cage - 2.5, -walls - 1.0)
    return depth


def paint_mediastinum(canvas: Canvas, bright: Enhancement) -> None:
    """Heart below, great vessels and airways above, aorta and oesophagus all along."""
    z, y_back = canvas.z_mm, spine_y_mm(canvas.z_mm)
    if HEART_BOTTOM_MM < z < HEART_TOP_MM:
        _paint_heart(canvas, bright)
    if z > 50:
        _paint_great_vessels(canvas, bright)
    _tube(canvas, 25 if z > 0 else max(8.0, 25 + 0.12 * z), y_back - 14 + (0 if z > -40 else 3), 11.5, bright.aorta)
    if z > -45:
        canvas.disc(8, y_back - 22, 8, 6, 48.0)
        canvas.disc(8, y_back - 22, 3, 1.6, -250.0)
    canvas.disc(-9, y_back - 15, 3.6, 3.6, bright.vein)


def _paint_heart(canvas: Canvas, bright: Enhancement) -> None:
    z = canvas.z_mm
    a, b = at(HEART_A, z), at(HEART_B, z)
    box, heart = canvas.ellipse(18, -34, a, b, 28)
    canvas.fill(box, heart, bright.heart_muscle)
    # Epicardial fat in the groove between the ventricles.
    canvas.fill(box, np.minimum(1.4 - np.abs(heart - 1.2), canvas.y[box] + 60), -60.0)
    left = canvas.ellipse_depth(box, 36, -28, 0.42 * a, 0.44 * b, 28)
    right = canvas.ellipse_depth(box, -8, -48, 0.48 * a, 0.45 * b, 40)
    canvas.fill(box, np.minimum(left, heart - 7), bright.chamber)
    canvas.fill(box, np.minimum(right, heart - 3.5), bright.chamber - 6)
    if z > 20:
        atria = canvas.ellipse_depth(box, 0, -8, 0.55 * a, 0.38 * b, 5)
        canvas.fill(box, np.minimum(atria, heart - 2), bright.chamber)
        _tube(canvas, 2, -36, 14, bright.aorta)
    else:
        _tube(canvas, -24, -8 + 0.1 * z, 13, bright.vein)


def _paint_great_vessels(canvas: Canvas, bright: Enhancement) -> None:
    z, y_back = canvas.z_mm, spine_y_mm(canvas.z_mm)
    if 72 < z < 118:
        _tube(canvas, -4, -36, 16, bright.aorta)
    _tube(canvas, -25, -26, 8.5, bright.vein)
    if 64 < z < 92:
        canvas.disc(20, -24, 15, 13, bright.chamber, 10)
        canvas.disc(-6, -12, 26, 9, bright.chamber, -12)
    if 112 < z < 132:
        canvas.disc(9, -10, 33, 12, bright.aorta, 42)
    if z >= 132:
        for x_mm, y_mm in ((-10, -22), (4, -16), (16, -6)):
            _tube(canvas, x_mm, y_mm, 5, bright.aorta)
        _tube(canvas, -22, -30, 7.5, bright.vein)
        _tube(canvas, 20, -30, 6.5, bright.vein)
    _paint_airways(canvas, y_back)


def _paint_airways(canvas: Canvas, y_back: float) -> None:
    z = canvas.z_mm
    if z > 100:
        _airway(canvas, 0, y_back - 40, 8.5, 9)
        return
    apart = (100 - z) * 0.62
    radius = max(3.0, 7.2 - (100 - z) * 0.055)
    for side in (-1, 1):
        _airway(canvas, side * (7 + apart), y_back - 38 + 0.12 * (100 - z), radius * (1.15 if side < 0 else 1), radius)


def _airway(canvas: Canvas, x_mm: float, y_mm: float, a_mm: float, b_mm: float) -> None:
    box, depth = canvas.ellipse(x_mm, y_mm, a_mm + 1.4, b_mm + 1.4)
    canvas.fill(box, depth, 30.0)
    canvas.fill(box, depth - 1.5, -985.0)


def _tube(canvas: Canvas, x_mm: float, y_mm: float, radius_mm: float, hu: float) -> None:
    canvas.disc(x_mm, y_mm, radius_mm, radius_mm * 0.96, hu)
