"""Liver, spleen, kidneys, adrenals, stomach, pancreas and bowel, with the veins between them."""

import numpy as np

from radiomics_tasks.imaging.phantom.anatomy.enhancement import Enhancement
from radiomics_tasks.imaging.phantom.anatomy.heights import LEFT_LOBE_A, LEFT_LOBE_B, Table, at
from radiomics_tasks.imaging.phantom.anatomy.skeleton import spine_y_mm
from radiomics_tasks.imaging.phantom.anatomy.vessels import Vessels, paint_vessels
from radiomics_tasks.imaging.phantom.picture.canvas import Canvas, FloatArray, Window

GUT_WALL_HU, GUT_FLUID_HU, GAS_HU = 85.0, 18.0, -960.0
PSOAS_HU, ASCITES_HU = 58.0, 11.0

# Half-widths of the liver's two lobes over height.
RIGHT_A: Table = ((-165, -145, -110, -60, -20, 0), (2, 30, 52, 68, 78, 84))
RIGHT_B: Table = ((-165, -145, -110, -60, -20, 0), (2, 40, 68, 84, 90, 92))
SPLEEN: Table = ((-118, -100, -65, -30, -16), (2, 28, 42, 36, 4))
STOMACH: Table = ((-125, -105, -70, -35, -20), (3, 24, 36, 30, 4))


def paint_abdomen(
    canvas: Canvas,
    box: Window,
    cage: FloatArray,
    domes: tuple[FloatArray, FloatArray],
    vessels: Vessels,
    bright: Enhancement,
    ascites_mm: float = 0.0,
) -> None:
    """Everything below the diaphragm at this height; `domes` are the signed distances below its two halves."""
    right_dome, left_dome = (np.minimum(dome - 2, cage - 4) for dome in domes)
    _paint_diaphragm(canvas, box, np.maximum(left_dome, right_dome) + 2)
    if ascites_mm:
        # In front of the spine only: the space behind the peritoneum stays dry.
        in_front = spine_y_mm(canvas.z_mm) - 26 - canvas.y[box]
        canvas.fill(box, np.minimum(np.maximum(left_dome, right_dome), in_front), ASCITES_HU)
        right_dome, left_dome = right_dome - ascites_mm, left_dome - ascites_mm
    if canvas.z_mm < -84:
        _paint_bowel(canvas)
    _paint_stomach(canvas, box, left_dome)
    _paint_spleen(canvas, box, left_dome, bright)
    _paint_liver(canvas, box, right_dome, cage, vessels, bright)
    _paint_kidneys(canvas, bright)
    _paint_middle(canvas, bright)


def _paint_diaphragm(canvas: Canvas, box: Window, below: FloatArray) -> None:
    if canvas.z_mm < -74:
        return
    canvas.fill(box, below, 55.0)
    canvas.fill(box, below - 2.4, -103.0)
    if canvas.z_mm > -40:
        return
    for side in (-1, 1):
        canvas.disc(side * 16, spine_y_mm(canvas.z_mm) - 10, 4, 12, 58.0, side * 20)


def _paint_liver(
    canvas: Canvas, box: Window, dome: FloatArray, cage: FloatArray, vessels: Vessels, bright: Enhancement
) -> None:
    z = canvas.z_mm
    right = canvas.ellipse_depth(box, -70, 4, at(RIGHT_A, z), at(RIGHT_B, z))
    # The right lobe ends at the vena cava and the spine.
    right = np.minimum(right, dome)
    middle = canvas.ellipse_depth(box, 6, spine_y_mm(z) - 2, 46, 40)
    right = np.minimum(right, -middle)
    left = np.minimum(canvas.ellipse_depth(box, 6, -44, at(LEFT_LOBE_A, z), at(LEFT_LOBE_B, z), -8), cage - 5)
    liver = np.maximum(right, left) if z > -112 else right
    if -100 < z < -40:
        # The cleft of the round ligament.
        liver = np.minimum(liver, -canvas.ellipse_depth(box, -14, -58, 2.2, 16, -14))
    canvas.fill(box, liver, bright.liver)
    paint_vessels(canvas, vessels, box, liver - 2, blood_hu=bright.liver_blood)
    if -130 < z < -82:
        gallbladder = 14 * np.sqrt(max(0.0, 1 - ((z + 106) / 24) ** 2))
        canvas.disc(-42, -44, gallbladder, gallbladder * 1.3, 12.0, 25)
    if -95 < z < -58:
        canvas.disc(-20, -2, 14, 6.5, bright.vein + 20, -18)


def _paint_spleen(canvas: Canvas, box: Window, dome: FloatArray, bright: Enhancement) -> None:
    size = at(SPLEEN, canvas.z_mm)
    if size < 3 or canvas.z_mm < -119:
        return
    spleen = canvas.ellipse_depth(box, 96, 34, 0.72 * size, 1.15 * size, -18)
    hollow = canvas.ellipse_depth(box, 64, 16, 0.7 * size, 0.95 * size, -18)
    canvas.fill(box, np.minimum(np.minimum(spleen, dome - 1), -hollow), bright.spleen)


def _paint_stomach(canvas: Canvas, box: Window, dome: FloatArray) -> None:
    size = at(STOMACH, canvas.z_mm)
    if size < 5:
        return
    stomach: FloatArray = canvas.ellipse_depth(box, 58, -18, 1.15 * size, 1.15 * size, 30)
    np.minimum(stomach, dome - 1, out=stomach)
    canvas.fill(box, stomach, GUT_WALL_HU)
    # Gas rises to the front: a level line when the patient lies on his back.
    level = np.clip((canvas.y[box] + 24) / 1.2, 0, 1)
    canvas.fill(box, stomach - 4.5, (GAS_HU + (GUT_FLUID_HU - GAS_HU) * level).astype(np.float32))


def _paint_kidneys(canvas: Canvas, bright: Enhancement) -> None:
    for side, middle_mm in ((-1, -150), (1, -140)):
        share = 1 - ((canvas.z_mm - middle_mm) / 56) ** 2
        if share <= 0.03:
            continue
        size = share**0.5
        x_mm, y_mm = side * 60, spine_y_mm(canvas.z_mm) - 4
        canvas.disc(x_mm, y_mm, 31 * size + 2, 34 * size + 2, -106.0)
        box, kidney = canvas.ellipse(x_mm, y_mm, 28 * size, 31 * size, side * 25)
        canvas.fill(box, kidney, bright.cortex)
        canvas.fill(box, kidney - 7, bright.medulla)
        if share > 0.5:
            canvas.disc(x_mm - side * 14, y_mm - 5, 15 * size, 9 * size, -80.0, side * 20)
            canvas.disc(x_mm - side * 20, y_mm - 8, 9, 3.2, bright.vein, side * 20)


def _paint_middle(canvas: Canvas, bright: Enhancement) -> None:
    z, y_back = canvas.z_mm, spine_y_mm(canvas.z_mm)
    canvas.disc(-21, y_back - 22, 13, 11 if z > -90 else 9, bright.vein)
    if z < -95:
        growth = min(1.0, (-95 - z) / 40)
        for side in (-1, 1):
            canvas.disc(side * 31, y_back + 3, 9 + 6 * growth, 11 + 6 * growth, PSOAS_HU)
    if -108 < z < -78:
        for x_mm, turn_deg in ((-36, 62), (-36, 92), (33, 118), (33, 48)):
            canvas.disc(x_mm, y_back - 12, 10, 2.1, bright.adrenal, turn_deg)
    if -122 < z < -82:
        _paint_pancreas(canvas, y_back, bright)
    if z < -76:
        canvas.disc(8, y_back - 34, 4.2, 4.2, bright.aorta)
        canvas.disc(-3, y_back - 38, 6, 6, bright.vein + 10)


def _paint_pancreas(canvas: Canvas, y_back: float, bright: Enhancement) -> None:
    for step in range(13):
        lobule = 6.6 + 0.9 * ((5 * step) % 3)
        canvas.disc(-22 + 7 * step, y_back - 52 + 2.1 * step, 9.5, lobule, bright.pancreas, 15)
    canvas.disc(4, y_back - 40, 24, 4.2, bright.vein + 12, 12)


def _paint_bowel(canvas: Canvas) -> None:
    rng = np.random.default_rng(11)
    z = canvas.z_mm
    loops = [(104.0, 26.0), (98.0, -10.0)] + [
        (float(rng.uniform(-56, 96)), float(rng.uniform(-66, 6))) for _ in range(26)
    ]
    for index, (x_mm, y_mm) in enumerate(loops[: 15 if z > -108 else 28]):
        size = float(rng.uniform(9, 15)) * (0.8 + 0.2 * np.sin(z / 14 + index))
        box, loop = canvas.ellipse(x_mm + 5 * np.sin(z / 17 + index), y_mm, size * 1.25, size, 40 * index)
        canvas.fill(box, loop, GUT_WALL_HU)
        has_gas = index % 4 == 0
        level = np.clip((canvas.y[box] - y_mm + (2 if has_gas else 90)) / 1.2, 0, 1)
        content = GAS_HU + (GUT_FLUID_HU + 12 - GAS_HU) * level
        canvas.fill(box, loop - 2.6, content.astype(np.float32))
